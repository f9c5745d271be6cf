"""A populated TPC-H database of scale 0.1 for the tests of this folder; keep them in one file."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from backend.engines.postgres.host import PostgresHost
from backend.engines.postgres.scratch import Scratch
from benchmarks.tpch import populated


@pytest.fixture(scope="session")
async def tpch(postgres: PostgresHost) -> AsyncIterator[Scratch]:
    """TPC-H, scale 0.1; loading takes about five seconds."""
    async with populated(postgres, 0.1) as scratch:
        yield scratch
