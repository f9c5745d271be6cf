"""Killed at any moment and started again, the application has told of every order exactly once."""

from __future__ import annotations

import os
import random
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote

import pytest
from outbox_program import Plan
from outbox_redis import OwnRedis, own_redis
from outbox_rounds import balance, rounds_with_kills, tables_at

from backend.engines.postgres.host import PostgresHost

SEED = int(os.environ.get("KILL_SEED", "20261124"))


@pytest.fixture
async def redis() -> AsyncIterator[OwnRedis]:
    async with own_redis() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
async def database_url(request: pytest.FixtureRequest, tmp_path: Path, postgres: PostgresHost) -> AsyncIterator[str]:
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path}/app.db"
        return
    async with postgres.scratch() as scratch:
        _, env, _ = postgres.psql_env(scratch)
        host = quote(env["PGHOST"], safe="")
        yield f"postgresql+asyncpg://{env['PGUSER']}:{env['PGPASSWORD']}@/{scratch.name}?host={host}"


async def test_an_application_killed_in_the_middle_of_1000_writes_tells_of_each_exactly_once(
    database_url: str, redis: OwnRedis
) -> None:
    rng = random.Random(SEED)
    async with tables_at(database_url) as database:
        plan = Plan(database_url, redis.url, total=1000)
        assert await rounds_with_kills(plan, rng, kills=6) >= 4
        result = await balance(database)
        assert result.exact and result.orders == 1000, (SEED, result)
