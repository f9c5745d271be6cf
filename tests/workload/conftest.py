"""A lab of a shop with a million orders, from declared statistics: no rows anywhere."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from workload_shop import SHOP, SHOP_STATISTICS

from backend.engines.lab.lab import Lab, open_lab
from backend.engines.postgres.host import PostgresHost


@pytest.fixture
async def shop(postgres: PostgresHost) -> AsyncIterator[Lab]:
    """The lab, fresh for every test: what a search builds stays in it."""
    async with open_lab(postgres, SHOP, SHOP_STATISTICS) as lab:
        yield lab
