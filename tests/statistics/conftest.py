"""A small shop with rows, analysed, shared by the tests of this folder."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from statistics_shop import POPULATION, SCHEMA

from backend.engines.postgres.host import PostgresHost, Scratch


@pytest.fixture(scope="session")
async def shop(postgres: PostgresHost) -> AsyncIterator[Scratch]:
    """The shop, with statistics of its rows. Tests only read it."""
    async with postgres.scratch() as database:
        guest = await database.connect()
        await guest.execute(SCHEMA)
        await guest.execute(POPULATION)
        await guest.close()
        admin = await database.connect(admin=True)
        await admin.execute("CREATE EXTENSION pageinspect")
        await admin.close()
        yield database
