"""Over HTTP: both eras, health, hosts, origins, bodies, tokens; against a real listening process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import httpx2
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from mcp.client import Client
from mcp.client.streamable_http import streamable_http_client

from server.bearer import SignedTokens, StaticToken, read_keys
from server.settings import SettingsError

TOKEN = "a-long-enough-token-for-tests"
LIST = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}


@contextmanager
def serving(*options: str, **environ: str) -> Iterator[str]:
    """The base URL of a server process on a free loopback port."""
    variables = {f"BACKEND_ARCHITECT_{name.upper()}": value for name, value in environ.items()}
    process = subprocess.Popen(
        [sys.executable, "-m", "backend_architect", "--http", "127.0.0.1:0", *options],
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | variables,
    )
    assert process.stderr is not None
    try:
        line = process.stderr.readline()
        assert "serving http://" in line, line + process.stderr.read()
        yield line.split()[-1].removesuffix("/mcp")
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
        assert process.returncode == 130


@pytest.fixture(scope="module")
def plain() -> Iterator[str]:
    with serving() as base:
        yield base


@pytest.fixture(scope="module")
def guarded() -> Iterator[str]:
    with serving(bearer_token=TOKEN) as base:
        yield base


def post(url: str, body: bytes, **headers: str) -> int:
    request = Request(f"{url}/mcp", body, {"content-type": "application/json", "accept": "*/*"})
    for name, value in headers.items():
        request.add_header(name.replace("_", "-"), value)
    try:
        with urlopen(request, timeout=10) as answer:
            status: int = answer.status
            return status
    except HTTPError as error:
        with error:
            return error.code


@pytest.mark.parametrize("era", ["auto", "legacy"])
async def test_both_eras_work_over_http(plain: str, era: str) -> None:
    async with Client(f"{plain}/mcp", mode=era) as client:
        tools = (await client.list_tools()).tools
        result = await client.call_tool("review_schema", {"sql": "create table t (id int)", "prove": False})
    assert {tool.name for tool in tools} >= {"review_schema", "migrate_backend"}
    assert result.structured_content is not None


@pytest.mark.parametrize("era", ["auto", "legacy"])
async def test_runs_of_an_earlier_request_can_be_read_in_a_later_one(plain: str, era: str) -> None:
    async with Client(f"{plain}/mcp", mode=era) as client:
        result = await client.call_tool("review_schema", {"sql": "create table t (id int)", "prove": False})
        assert result.structured_content is not None
        run = result.structured_content["run"]
    async with Client(f"{plain}/mcp", mode=era) as client:
        assert (await client.read_resource(f"architect://runs/{run}/report.json")).contents


def test_health_needs_no_token(plain: str, guarded: str) -> None:
    for base in (plain, guarded):
        with urlopen(f"{base}/healthz", timeout=10) as answer:
            assert json.load(answer)["status"] == "ok"


def test_a_foreign_host_or_origin_is_refused(plain: str) -> None:
    body = json.dumps(LIST).encode()
    assert post(plain, body, Host="evil.test") == 421
    assert post(plain, body, Origin="https://evil.test") == 403
    assert post(plain, body, Origin="http://localhost:3000") == 200


def test_hosts_and_origins_of_the_operator_are_accepted() -> None:
    with serving("--allowed-host", "mcp.test", "--allowed-origin", "https://app.test") as base:
        assert post(base, json.dumps(LIST).encode(), Host="mcp.test", Origin="https://app.test") == 200


def test_a_body_over_four_mebibytes_is_refused(plain: str) -> None:
    connection = HTTPConnection(plain.removeprefix("http://"), timeout=10)
    with closing(connection):
        connection.putrequest("POST", "/mcp")
        connection.putheader("content-type", "application/json")
        connection.putheader("content-length", str(4 * 1024 * 1024 + 1))
        connection.endheaders()
        assert connection.getresponse().status == 413


def test_a_request_without_the_right_token_is_refused(guarded: str) -> None:
    body = json.dumps(LIST).encode()
    assert post(guarded, body) == 401
    assert post(guarded, body, Authorization="Bearer wrong-token-of-some-length") == 401
    assert post(guarded, body, Authorization=f"Bearer {TOKEN}") == 200


async def test_a_client_with_the_token_works(guarded: str) -> None:
    http = httpx2.AsyncClient(headers={"Authorization": f"Bearer {TOKEN}"})
    async with http, Client(streamable_http_client(f"{guarded}/mcp", http_client=http)) as client:
        assert (await client.list_tools()).tools


def test_a_taken_port_ends_the_start_with_code_2(plain: str) -> None:
    command = [sys.executable, "-m", "backend_architect", "--http", plain.removeprefix("http://")]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 2
    assert "in use" in ended.stderr and "Traceback" not in ended.stderr


def public_pem(key: EllipticCurvePrivateKey) -> str:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def private_pem(key: EllipticCurvePrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


KEY, OTHER = generate_private_key(SECP256R1()), generate_private_key(SECP256R1())
GOOD = {"aud": "https://mcp.test", "iss": "https://id.test", "sub": "ann", "scope": "tools", "exp": 0}


def token(key: EllipticCurvePrivateKey = KEY, **changes: object) -> str:
    claims = GOOD | {"exp": int(time.time()) + 60} | changes
    return jwt.encode({name: value for name, value in claims.items() if value is not None}, key, "ES256")


def checker() -> SignedTokens:
    return SignedTokens(read_keys(public_pem(KEY)), "https://mcp.test", "https://id.test")


async def test_a_signed_token_tells_who_calls() -> None:
    access = await checker().verify_token(token())
    assert access is not None
    assert (access.subject, access.scopes, access.resource) == ("ann", ["tools"], "https://mcp.test")


@pytest.mark.parametrize(
    "bad",
    [
        token(OTHER),
        token(aud="https://other.test"),
        token(iss="https://other.test"),
        token(exp=1),
        token(exp=None),
        token(aud=None),
        token(iss=None),
        jwt.encode(GOOD | {"exp": 9_999_999_999}, public_pem(KEY).replace("-", "x"), "HS256"),
        jwt.encode(GOOD | {"exp": 9_999_999_999}, None, "none"),
        "not a token",
        "",
    ],
    ids=["key", "audience", "issuer", "expired", "no expiry", "no audience", "no issuer", "HS256", "none", "words", ""],
)
async def test_a_signed_token_with_anything_wrong_is_refused(bad: str) -> None:
    assert await checker().verify_token(bad) is None


async def test_a_check_without_an_issuer_would_take_a_token_of_another() -> None:
    """The weakened twin of the issuer check."""
    weakened = SignedTokens(read_keys(public_pem(KEY)), "https://mcp.test")
    assert await weakened.verify_token(token(iss="https://other.test")) is not None


async def test_the_key_is_chosen_by_its_id_in_a_key_set() -> None:
    keys = [json.loads(jwt.algorithms.ECAlgorithm.to_jwk(key.public_key())) for key in (OTHER, KEY)]
    text = json.dumps({"keys": [key | {"kid": name} for key, name in zip(keys, ("old", "new"), strict=True)]})
    check = SignedTokens(read_keys(text), "https://mcp.test", "https://id.test")
    claims = GOOD | {"exp": int(time.time()) + 60}
    assert await check.verify_token(jwt.encode(claims, KEY, "ES256", headers={"kid": "new"})) is not None
    assert await check.verify_token(jwt.encode(claims, KEY, "ES256", headers={"kid": "old"})) is None
    assert await check.verify_token(jwt.encode(claims, KEY, "ES256", headers={"kid": "none"})) is None


def test_private_and_shared_keys_are_refused_without_being_repeated() -> None:
    private = json.dumps({"keys": [json.loads(jwt.algorithms.ECAlgorithm.to_jwk(KEY)) | {"kid": "a"}]})
    shared = json.dumps({"keys": [{"kty": "oct", "k": "c2VjcmV0c2VjcmV0", "kid": "a"}]})
    for text in (private_pem(KEY), private, shared, "nonsense c2VjcmV0c2VjcmV0", "{}"):
        with pytest.raises(SettingsError) as caught:
            read_keys(text)
        assert "c2VjcmV0" not in str(caught.value)


async def test_a_static_token_is_compared_whole() -> None:
    check = StaticToken(TOKEN)
    assert await check.verify_token(TOKEN) is not None
    for bad in ("", TOKEN[:-1], TOKEN + "x", "ä" * 20):
        assert await check.verify_token(bad) is None


def test_a_signed_token_opens_a_server_started_with_its_public_key(tmp_path: Path) -> None:
    pem = tmp_path / "key.pem"
    pem.write_text(public_pem(KEY))
    options = ("--bearer-key", str(pem), "--bearer-audience", "https://mcp.test", "--bearer-issuer", "https://id.test")
    body = json.dumps(LIST).encode()
    with serving(*options) as base:
        assert post(base, body, Authorization=f"Bearer {token()}") == 200
        assert post(base, body, Authorization=f"Bearer {token(OTHER)}") == 401
        with urlopen(f"{base}/.well-known/oauth-protected-resource", timeout=10) as answer:
            assert json.load(answer)["authorization_servers"] == ["https://id.test"]
