"""Access tokens: one fault each, and every one of them is refused."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import jwt
import pytest
from platform_app import SECRET, build, served
from platform_tokens import bearer, claims, token

from backend.reference.auth import Caller, TokenVerifier
from backend.reference.errors import ForbiddenError, UnauthenticatedError

USER, TENANT = uuid4(), uuid4()


@pytest.fixture
def verifier() -> TokenVerifier:
    return TokenVerifier(secret=SECRET, issuer="app", audience="app")


def test_a_sound_token_names_the_caller(verifier: TokenVerifier) -> None:
    caller = verifier.verify(token(sub=str(USER), roles=["staff"], tenant_id=str(TENANT)))
    assert caller == Caller(USER, frozenset({"staff"}), TENANT)
    assert caller.has_role("admin", "staff") and not caller.has_role("admin")
    with pytest.raises(ForbiddenError):
        caller.require_role("admin")
    with pytest.raises(ForbiddenError):
        _ = Caller(USER).tenant


NOW = int(time.time())

FAULTS: dict[str, Any] = {
    "signed with another key": token(key="another-secret-of-enough-bytes-0123456789abcdef"),
    "signed with another algorithm": token(algorithm="HS512", key=SECRET * 2),
    "not signed": jwt.encode(claims(), None, algorithm="none", headers={"typ": "at+jwt"}),
    "of another type": token(typ="JWT"),
    "an id token": token(typ="id+jwt"),
    "expired": token(iat=NOW - 1000, exp=NOW - 100),
    "not yet valid": token(nbf=NOW + 600),
    "issued in the future": token(iat=NOW + 600, exp=NOW + 900),
    "valid for a day": token(exp=NOW + 86_400),
    "without an expiry": token(exp=None),
    "without a time of issue": token(iat=None),
    "without an id": token(jti=None),
    "without a subject": token(sub=None),
    "of another issuer": token(iss="elsewhere"),
    "for another audience": token(aud="elsewhere"),
    "for several audiences": token(aud=["app", "elsewhere"]),
    "with a subject that is no UUID": token(sub="1 or 1=1"),
    "with roles that are no list": token(roles="admin"),
    "with a tenant that is no UUID": token(tenant_id="*"),
    "cut short": token()[:-3],
    "empty": "",
    "three dots": "...",
    "in another alphabet": "ä.ö.ü",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_token_with_one_fault_is_refused(verifier: TokenVerifier, fault: str) -> None:
    with pytest.raises(UnauthenticatedError):
        verifier.verify(FAULTS[fault])


async def test_a_refused_token_is_told_by_the_challenge_and_open_routes_go_on(tmp_path: Path) -> None:
    async with served(build(database_url=f"sqlite+aiosqlite:///{tmp_path}/notes.db")) as client:
        missing = await client("GET", "/api/v1/admin")
        assert (missing.status, missing.code) == (401, "UNAUTHENTICATED")
        assert missing.headers["www-authenticate"] == "Bearer"
        bad = await client("GET", "/api/v1/admin", authorization="Bearer x")
        assert bad.headers["www-authenticate"] == 'Bearer error="invalid_token"'
        basic = await client("GET", "/api/v1/admin", authorization="Basic dTpw")
        assert basic.headers["www-authenticate"] == 'Bearer error="invalid_request"'
        anonymous = await client("GET", "/api/v1/whoami", authorization="Bearer x")
        assert anonymous.json["data"] == {"id": None, "roles": []}
        known = await client("GET", "/api/v1/whoami", authorization=bearer(sub=str(USER), roles=["b", "a"]))
        assert UUID(known.json["data"]["id"]) == USER and known.json["data"]["roles"] == ["a", "b"]
        assert (await client("GET", "/api/v1/admin", authorization=bearer())).status == 403
        no_tenant = await client("GET", "/api/v1/admin", authorization=bearer(roles=["admin"]))
        assert (no_tenant.status, no_tenant.json["error"]["message"]) == (403, "Your token names no tenant")


def test_with_an_empty_secret_nothing_is_accepted() -> None:
    empty = TokenVerifier(secret="", issuer="app", audience="app")
    for forged in (jwt.encode(claims(), None, algorithm="none", headers={"typ": "at+jwt"}), token()):
        with pytest.raises(UnauthenticatedError):
            empty.verify(forged)
