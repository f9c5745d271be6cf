"""Whole answers from the cache: right for whoever asks, gone with the write, and only where all may see the same."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from platform_app import Client, build, served
from platform_tokens import bearer

from backend.reference.auth import Caller
from backend.reference.middleware.answer_cache import CachedRoute

ROUTES = [
    CachedRoute("/api/v1/notes", "notes", 60, "public, max-age=5", public=True),
    CachedRoute("/api/v1/notes/{note_id}", "notes", 60, "public, max-age=5", public=True),
    CachedRoute("/api/v1/whoami", "people", 60, "private, no-cache", public=False, tenant=True),
]


@pytest.fixture(params=["memory", "redis"])
async def client(request: pytest.FixtureRequest, tmp_path: Path, redis_url: str) -> AsyncIterator[Client]:
    redis = redis_url if request.param == "redis" else ""
    app = build(database_url=f"sqlite+aiosqlite:///{tmp_path}/notes.db", redis_url=redis, cached=ROUTES, quota=10_000)
    async with served(app) as client:
        await app.state.services.cache.invalidate("notes", "people")
        yield client


def count_reads(client: Client) -> list[int]:
    database: Any = client.app.state.services.database
    reads = [0]
    fetch = database._fetch

    async def counted(*arguments: Any) -> Any:
        reads[0] += 1
        return await fetch(*arguments)

    database._fetch = counted
    return reads


async def add(client: Client, title: str) -> str:
    made = await client("POST", "/api/v1/notes", body={"title": title}, authorization=bearer())
    assert made.status == 201
    return made.headers["location"]


async def test_the_second_answer_costs_no_read_and_is_the_same(client: Client) -> None:
    where = await add(client, "kept")
    reads = count_reads(client)
    first, second = await client("GET", where), await client("GET", where)
    assert reads == [1]
    assert (second.status, second.body, second.headers["etag"]) == (200, first.body, first.headers["etag"])
    assert second.headers["cache-control"] == "public, max-age=5"
    assert (await client("GET", where, if_none_match=first.headers["etag"])).status == 304
    assert reads == [1]


async def test_a_condition_of_the_first_caller_does_not_empty_the_answer_of_the_next(client: Client) -> None:
    where = await add(client, "whole")
    etag = (await client("GET", where)).headers["etag"]
    await client.app.state.services.cache.invalidate("notes")
    assert (await client("GET", where, if_none_match=etag)).status == 304
    assert (await client("GET", where)).json["data"]["title"] == "whole"


async def test_a_write_is_seen_by_the_next_read(client: Client) -> None:
    await add(client, "one")
    assert len((await client("GET", "/api/v1/notes")).json["data"]) == 1
    await add(client, "two")
    assert len((await client("GET", "/api/v1/notes")).json["data"]) == 2


async def test_answers_are_kept_apart_by_their_query(client: Client) -> None:
    await add(client, "one")
    await add(client, "two")
    assert len((await client("GET", "/api/v1/notes?limit=1")).json["data"]) == 1
    assert len((await client("GET", "/api/v1/notes?limit=2")).json["data"]) == 2


async def test_an_error_is_not_kept(client: Client) -> None:
    reads = count_reads(client)
    for _ in range(2):
        missing = await client("GET", f"/api/v1/notes/{uuid4()}")
        assert (missing.status, missing.code) == (404, "NOT_FOUND")
        assert missing.headers["cache-control"] == "no-store"
    assert reads == [2]
    assert (await client("GET", "/api/v1/notes/no-uuid")).status == 422


async def test_many_at_once_run_the_route_once(client: Client) -> None:
    where = await add(client, "popular")
    reads = count_reads(client)
    answers = await asyncio.gather(*(client("GET", where) for _ in range(50)))
    assert {answer.body for answer in answers} == {answers[0].body}
    assert reads == [1]


async def test_tenants_do_not_see_each_others_answers(client: Client) -> None:
    here, there = str(uuid4()), str(uuid4())
    ours = await client("GET", "/api/v1/whoami", authorization=bearer(tenant_id=here, roles=["ours"]))
    again = await client("GET", "/api/v1/whoami", authorization=bearer(tenant_id=here, roles=["second"]))
    theirs = await client("GET", "/api/v1/whoami", authorization=bearer(tenant_id=there, roles=["theirs"]))
    assert (ours.json["data"]["roles"], again.json["data"]["roles"]) == (["ours"], ["ours"])
    assert theirs.json["data"]["roles"] == ["theirs"]
    assert (await client("GET", "/api/v1/whoami")).json["data"]["roles"] == [], "nobody's answer is the route's"


def test_an_answer_is_for_those_who_may_all_see_it() -> None:
    tenant = uuid4()
    public, members, tenants = (
        CachedRoute("/a", "a", 1, "", public=True),
        CachedRoute("/a", "a", 1, "", public=False),
        CachedRoute("/a", "a", 1, "", public=False, tenant=True),
    )
    somebody = Caller(uuid4(), tenant_id=tenant)
    assert (public.audience(None), public.audience(somebody)) == ("all", "all")
    assert (members.audience(None), members.audience(somebody)) == (None, "signed-in")
    assert (tenants.audience(None), tenants.audience(somebody)) == (None, str(tenant))
    assert tenants.audience(Caller(uuid4())) is None
