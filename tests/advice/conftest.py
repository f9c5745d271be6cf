from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from advice_help import ROWS, SCHEMA
from real_rows import RealRows

from backend.engines.catalog import read_schema
from backend.engines.lab.lab import Lab, open_lab
from backend.engines.postgres.host import PostgresHost
from backend.engines.statistics_export import read_statistics

HIDDEN = (
    "SELECT sum(relpages - relallvisible) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
)


@pytest.fixture(scope="session")
async def shop(postgres: PostgresHost) -> AsyncIterator[RealRows]:
    """A database with rows."""
    async with postgres.scratch() as scratch:
        session = await scratch.connect()
        await session.execute(SCHEMA)
        for statement in filter(None, ROWS.split(";\n")):
            await session.execute(statement)
        while await session.fetchval(HIDDEN):  # another session's snapshot may have kept pages from being marked
            await session.execute("VACUUM (FREEZE)")
        statistics = replace(await read_statistics(session), settings={})
        try:
            yield RealRows(session, await read_schema(session), statistics)
        finally:
            session.terminate()


@pytest.fixture(scope="session")
async def shop_lab(postgres: PostgresHost, shop: RealRows) -> AsyncIterator[Lab]:
    """A lab that knows what the database with rows knows."""
    async with open_lab(postgres, SCHEMA, shop.statistics) as opened:
        yield opened
