"""Fixtures of the tests of events: databases on both engines, and a Redis of the test's own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote

import pytest
from outbox_redis import OwnRedis, own_redis
from outbox_rounds import tables_at

from backend.engines.postgres.host import PostgresHost
from backend.reference.database import Database


@pytest.fixture
async def redis_server() -> AsyncIterator[OwnRedis]:
    """A server this test may kill."""
    async with own_redis() as server:
        yield server


@pytest.fixture
async def postgres_url(postgres: PostgresHost) -> AsyncIterator[str]:
    """An empty database on PostgreSQL."""
    async with postgres.scratch() as scratch:
        _, env, _ = postgres.psql_env(scratch)
        host = quote(env["PGHOST"], safe="")
        yield f"postgresql+asyncpg://{env['PGUSER']}:{env['PGPASSWORD']}@/{scratch.name}?host={host}"


@pytest.fixture(params=["sqlite", "postgresql"])
def events_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database on each engine."""
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path}/app.db"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
async def events_database(events_url: str) -> AsyncIterator[Database]:
    """A database on each engine with the tables of the events."""
    async with tables_at(events_url) as database:
        yield database
