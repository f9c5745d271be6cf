from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from lab_help import ROWS, SCHEMA, live_statistics

from backend.engines.lab.lab import Lab, open_lab
from backend.engines.postgres.host import PostgresHost
from knowledge.statistics import DatabaseStatistics

if TYPE_CHECKING:
    import asyncpg


@dataclass(frozen=True)
class Populated:
    """A database with rows, and what its planner knows."""

    session: asyncpg.Connection
    statistics: DatabaseStatistics


@pytest.fixture(scope="session")
async def populated(postgres: PostgresHost) -> AsyncIterator[Populated]:
    async with postgres.scratch() as scratch:
        session = await scratch.connect()
        await session.execute(SCHEMA)
        for statement in filter(None, ROWS.split(";\n")):
            await session.execute(statement)
        await session.execute("SET max_parallel_workers_per_gather = 2")
        try:
            yield Populated(session, await live_statistics(session))
        finally:
            session.terminate()


@pytest.fixture(scope="session")
async def lab(postgres: PostgresHost, populated: Populated) -> AsyncIterator[Lab]:
    async with open_lab(postgres, SCHEMA, populated.statistics) as opened:
        yield opened


@pytest.fixture
async def fresh_lab(postgres: PostgresHost, populated: Populated) -> AsyncIterator[Lab]:
    async with open_lab(postgres, SCHEMA, populated.statistics) as opened:
        yield opened
