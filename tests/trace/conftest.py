from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from tracing_help import make_world

from backend.engines.postgres.host import PostgresHost, Scratch


@pytest.fixture(scope="session")
async def world_snapshot(postgres: PostgresHost) -> str:
    return await make_world(postgres)


@pytest.fixture
async def world(postgres: PostgresHost, world_snapshot: str) -> AsyncIterator[Scratch]:
    """A fresh clone of the world."""
    async with postgres.scratch(world_snapshot) as scratch:
        yield scratch
