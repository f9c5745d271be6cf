"""Every answer wears the envelope, the limits and the headers, whatever happens inside."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest
from fastapi import FastAPI
from inline_snapshot import snapshot
from platform_app import Client, build, served
from platform_tokens import bearer

NOBODYS = "/api/v1/notes/0197a1f2-7c3e-7a5b-9c1d-2e3f4a5b6c7d"


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[Client]:
    async with served(build(database_url=f"sqlite+aiosqlite:///{tmp_path}/notes.db")) as client:
        yield client


async def test_a_row_comes_in_the_envelope_with_its_validators(client: Client) -> None:
    made = await client("POST", "/api/v1/notes", body={"title": "first"}, authorization=bearer())
    note = made.json["data"]
    assert (made.status, made.headers["location"]) == (201, f"/api/v1/notes/{note['id']}")
    assert made.json["meta"] == {}
    read = await client("GET", made.headers["location"])
    assert read.json == made.json
    assert read.headers["cache-control"] == "public, max-age=5, s-maxage=10"
    again = await client("GET", made.headers["location"], if_none_match=read.headers["etag"])
    assert (again.status, again.body, again.headers["etag"]) == (304, b"", read.headers["etag"])


@pytest.mark.parametrize(
    ("method", "target", "body", "status", "error"),
    [
        ("GET", "/nowhere", None, 404, {"code": "NOT_FOUND", "message": "Resource not found", "details": []}),
        ("GET", "/api/v1/notes/", None, 404, {"code": "NOT_FOUND", "message": "Resource not found", "details": []}),
        (
            "GET",
            NOBODYS,
            None,
            404,
            {"code": "NOT_FOUND", "message": "Note not found", "details": []},
        ),
        (
            "PUT",
            "/api/v1/notes",
            None,
            405,
            {"code": "METHOD_NOT_ALLOWED", "message": "Method Not Allowed", "details": []},
        ),
        (
            "GET",
            "/api/v1/notes?limit=11",
            None,
            422,
            {
                "code": "VALIDATION_ERROR",
                "message": "The request is not valid",
                "details": [
                    {
                        "field": "query.limit",
                        "code": "less_than_equal",
                        "message": "Input should be less than or equal to 10",
                    }
                ],
            },
        ),
        (
            "POST",
            "/api/v1/notes",
            b"{",
            400,
            {"code": "BAD_REQUEST", "message": "The body is not valid JSON", "details": []},
        ),
        (
            "POST",
            "/api/v1/notes",
            {"title": "x", "id": "mine"},
            422,
            {
                "code": "VALIDATION_ERROR",
                "message": "The request is not valid",
                "details": [
                    {
                        "field": "body.id",
                        "code": "extra_forbidden",
                        "message": "Extra inputs are not permitted",
                    }
                ],
            },
        ),
        (
            "GET",
            "/api/v1/crash",
            None,
            500,
            {"code": "INTERNAL_ERROR", "message": "Something went wrong", "details": []},
        ),
    ],
)
async def test_every_error_comes_in_the_envelope(
    client: Client, method: str, target: str, body: object, status: int, error: object
) -> None:
    reply = await client(method, target, body=body, authorization=bearer())
    assert (reply.status, reply.json) == (status, {"error": error})
    assert reply.headers["cache-control"] == "no-store"
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["x-request-id"]


async def test_allow_names_the_methods_of_all_routes_of_a_path(client: Client) -> None:
    assert (await client("PUT", "/api/v1/notes")).headers["allow"] == "GET, POST"
    assert (await client("PUT", f"/api/v1/notes/{uuid4()}")).headers["allow"] == "GET, DELETE"


async def test_a_body_that_is_not_json_is_told_what_to_be(client: Client) -> None:
    reply = await client("POST", "/api/v1/notes", body=b"title=x", content_type="text/plain", authorization=bearer())
    assert (reply.status, reply.code) == (415, "UNSUPPORTED_MEDIA_TYPE")


async def test_a_body_over_the_limit_is_refused(tmp_path: Path) -> None:
    app = build(database_url=f"sqlite+aiosqlite:///{tmp_path}/notes.db", max_body_bytes=1024)
    async with served(app) as client:
        for length in ({}, {"content_length": "2014"}):
            reply = await client("POST", "/api/v1/notes", body={"title": "x" * 2000}, authorization=bearer(), **length)
            assert (reply.status, reply.code) == (413, "PAYLOAD_TOO_LARGE")
            assert reply.json["error"]["message"] == "The body may have at most 1024 bytes"


async def test_a_taken_value_is_a_conflict_that_names_the_field(client: Client) -> None:
    for status in (201, 409):
        reply = await client("POST", "/api/v1/notes", body={"title": "same"}, authorization=bearer())
        assert reply.status == status
    assert reply.json["error"]["details"] == snapshot(
        [{"field": "body.title", "code": "taken", "message": "This value is taken"}]
    )


async def test_a_row_in_use_cannot_be_deleted(client: Client) -> None:
    parent = await client("POST", "/api/v1/notes", body={"title": "parent"}, authorization=bearer())
    body = {"title": "child", "parent_id": parent.json["data"]["id"]}
    await client("POST", "/api/v1/notes", body=body, authorization=bearer())
    reply = await client("DELETE", parent.headers["location"])
    assert (reply.status, reply.code) == (409, "CONFLICT")


async def test_a_request_id_is_taken_over_only_where_it_is_one(client: Client) -> None:
    assert (await client("GET", "/healthz", x_request_id="abc-1.2_3")).headers["x-request-id"] == "abc-1.2_3"
    for forged in ("a b", "x" * 65, 'a","level":"error', ""):
        assert (await client("GET", "/healthz", x_request_id=forged)).headers["x-request-id"] != forged


async def test_an_unexpected_error_is_logged_whole_and_answered_without_a_word(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    reply = await client("GET", "/api/v1/crash", x_request_id="crash-1")
    assert b"hunter2" not in reply.body
    (record,) = [entry for entry in caplog.records if entry.name == "app.errors"]
    assert record.exc_info is not None and "hunter2" in str(record.exc_info[1])
    assert record.__dict__["request_id"] == "crash-1"


async def test_each_request_is_one_log_line_without_its_query_string(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "app.access"):
        await client("GET", "/api/v1/notes?limit=5", x_request_id="line-1")
        await client("GET", "/healthz")
    (line,) = [entry.__dict__ for entry in caplog.records if entry.name == "app.access"]
    assert (line["request_id"], line["method"], line["path"], line["status"]) == (
        "line-1",
        "GET",
        "/api/v1/notes",
        200,
    )


async def test_limits_are_counted_by_user_and_told_on_every_answer(tmp_path: Path) -> None:
    app = build(database_url=f"sqlite+aiosqlite:///{tmp_path}/notes.db", quota=3)
    async with served(app) as client:
        first = await client("GET", "/api/v1/whoami")
        assert first.headers["ratelimit-policy"] == '"default";q=3;w=60'
        assert first.headers["ratelimit"].startswith('"default";r=2;t=')
        assert [(await client("GET", "/nowhere")).status for _ in range(3)] == [404, 404, 429]
        user = bearer()
        assert [(await client("GET", "/api/v1/whoami", authorization=user)).status for _ in range(4)] == [200] * 3 + [
            429
        ]
        refused = await client("GET", "/api/v1/whoami", authorization=user)
        assert refused.code == "RATE_LIMITED"
        assert int(refused.headers["retry-after"]) > 0
        assert refused.headers["x-content-type-options"] == "nosniff"
        assert (await client("GET", "/api/v1/whoami", authorization=bearer())).status == 200
        assert (await client("GET", "/healthz")).status == 200, "the platform's own probes are never refused"


async def test_many_accounts_at_one_address_are_limited_together(tmp_path: Path) -> None:
    app = build(database_url=f"sqlite+aiosqlite:///{tmp_path}/notes.db", quota=2)
    async with served(app) as client:
        statuses = [(await client("GET", "/api/v1/whoami", authorization=bearer())).status for _ in range(25)]
        assert statuses == [200] * 20 + [429] * 5
        elsewhere = Client(client.app, "192.0.2.9")
        assert (await elsewhere("GET", "/api/v1/whoami", authorization=bearer())).status == 200


async def test_a_route_may_have_a_limit_of_its_own(client: Client) -> None:
    replies = [await client("GET", "/api/v1/scarce") for _ in range(3)]
    assert [reply.status for reply in replies] == [200, 200, 429]
    assert '"scarce";q=2;w=60' in replies[0].headers["ratelimit-policy"]
    assert '"default";q=1000;w=60' in replies[0].headers["ratelimit-policy"]


async def test_a_proxy_is_believed_only_where_it_is_trusted(tmp_path: Path) -> None:
    def at(**settings: str) -> FastAPI:
        return build(database_url=f"sqlite+aiosqlite:///{tmp_path}/notes.db", quota=1, **settings)

    async with served(at()) as client:
        statuses = [(await client("GET", "/nowhere", x_forwarded_for=f"198.51.100.{n}")).status for n in range(3)]
        assert statuses == [404, 429, 429]
    async with served(at(trusted_proxies="192.0.2.0/24")) as client:
        statuses = [(await client("GET", "/nowhere", x_forwarded_for=f"198.51.100.{n}")).status for n in range(3)]
        assert statuses == [404, 404, 404]


async def test_production_speaks_https_only(tmp_path: Path) -> None:
    app = build(
        database_url=f"sqlite+aiosqlite:///{tmp_path}/notes.db",
        environment="production",
        trusted_proxies="192.0.2.0/24",
    )
    async with served(app) as client:
        moved = await client("GET", "/api/v1/notes?limit=1")
        assert (moved.status, moved.headers["location"]) == (308, "https://notes.test/api/v1/notes?limit=1")
        refused = await client("POST", "/api/v1/notes", body={"title": "x"})
        assert (refused.status, refused.code) == (403, "FORBIDDEN")
        assert (await client("GET", "/api/v1/notes", x_forwarded_proto="https")).status == 200
        stranger = Client(app, "203.0.113.1")
        assert (await stranger("GET", "/api/v1/notes", x_forwarded_proto="https")).status == 308
        secured = await client("GET", "/api/v1/notes", scheme="https")
        assert secured.headers["strict-transport-security"] == "max-age=63072000; includeSubDomains"
        assert (await client("GET", "/healthz")).status == 200


async def test_only_the_listed_origins_may_read_answers(tmp_path: Path) -> None:
    app = build(database_url=f"sqlite+aiosqlite:///{tmp_path}/notes.db", cors_origins="https://www.example.com")
    async with served(app) as client:
        ours = await client("GET", "/api/v1/whoami", origin="https://www.example.com")
        assert ours.headers["access-control-allow-origin"] == "https://www.example.com"
        assert "RateLimit" in ours.headers["access-control-expose-headers"]
        other = await client("GET", "/api/v1/whoami", origin="https://www.example.com.evil.test")
        assert "access-control-allow-origin" not in other.headers
        crashed = await client("GET", "/api/v1/crash", origin="https://www.example.com")
        assert crashed.headers["access-control-allow-origin"] == "https://www.example.com"


async def test_the_documentation_says_31_and_lists_every_error(client: Client) -> None:
    document = (await client("GET", "/openapi.json")).json
    assert document["openapi"].startswith("3.1")
    create = document["paths"]["/api/v1/notes"]["post"]
    assert sorted(create["responses"]) == ["201", "400", "401", "409", "422", "429", "500", "503"]
    assert create["security"] == [{"bearer": []}]
    assert "anyOf" not in json.dumps(create["parameters"])
    assert "HTTPValidationError" not in json.dumps(document)


async def test_repeating_a_create_with_its_key_gives_the_first_answer(client: Client) -> None:
    author = bearer()
    first, second = [
        await client("POST", "/api/v1/notes", body={"title": "once"}, authorization=author, idempotency_key="k1")
        for _ in range(2)
    ]
    assert (second.status, second.body) == (201, first.body)
    assert second.headers["location"] == first.headers["location"]
    assert second.headers["idempotency-replayed"] == "true" and "idempotency-replayed" not in first.headers
    other = await client("POST", "/api/v1/notes", body={"title": "x"}, authorization=author, idempotency_key="k1")
    assert (other.status, other.code) == (422, "IDEMPOTENCY_MISMATCH")


async def test_health_is_told_apart_from_readiness(tmp_path: Path) -> None:
    app = build(database_url="postgresql+asyncpg://nobody@127.0.0.1:1/nowhere")
    client = Client(app)
    assert (await client("GET", "/healthz")).json == {"data": {"status": "ok"}, "meta": {}}
    gone = await client("GET", "/readyz")
    assert (gone.status, gone.code, gone.headers["retry-after"]) == (503, "UNAVAILABLE", "1")
    await app.state.services.aclose()
    async with served(build(database_url=f"sqlite+aiosqlite:///{tmp_path}/notes.db")) as client:
        assert (await client("GET", "/readyz")).status == 200


async def test_where_a_key_is_required_its_absence_is_told_as_such(client: Client) -> None:
    missing = await client("POST", "/api/v1/paid", body={"title": "paid"})
    assert (missing.status, missing.code) == (400, "IDEMPOTENCY_KEY_REQUIRED")
    assert (await client("POST", "/api/v1/paid", body={"title": "paid"}, idempotency_key="k1")).status == 201
    document = (await client("GET", "/openapi.json")).json
    (header,) = document["paths"]["/api/v1/paid"]["post"]["parameters"]
    assert (header["name"], header["required"]) == ("Idempotency-Key", True)
