from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest
from plan_tool_help import FILLED, SHOP, Explain, Operators

from backend.engines.postgres.host import PostgresHost
from knowledge.report import Report
from tools.explain_query_plan import TOOL
from tools.toolbox import Targets, Toolbox


@pytest.fixture(scope="session")
async def shop_template(postgres: PostgresHost) -> AsyncIterator[str]:
    """A filled shop to make databases from."""
    async with postgres.scratch() as scratch:
        session = await scratch.connect()
        await session.execute(SHOP + FILLED)
        await session.execute("VACUUM ANALYZE")
        await session.close()
        yield await scratch.snapshot()


@pytest.fixture
async def operators(postgres: PostgresHost, shop_template: str) -> AsyncIterator[Operators]:
    """A filled shop that plays the operator's database."""
    async with postgres.scratch(shop_template) as scratch:
        _, environment, _ = postgres.psql_env(scratch)
        user, password = environment["PGUSER"], environment["PGPASSWORD"]
        session = await scratch.connect()
        try:
            host = quote(environment["PGHOST"], safe="")
            yield Operators(f"postgresql://{user}:{password}@/{scratch.name}?host={host}", password, session)
        finally:
            session.terminate()


@pytest.fixture
def explain(toolbox: Toolbox) -> Explain:
    """Call the tool without any target."""

    async def call(**fields: Any) -> Report:
        return await TOOL.run(TOOL.request.model_validate(fields), toolbox)

    return call


@pytest.fixture
def live(toolbox: Toolbox, operators: Operators) -> Explain:
    """Call the tool on the operator's database."""
    aimed = replace(toolbox, targets=Targets(database_url=operators.url))

    async def call(**fields: Any) -> Report:
        return await TOOL.run(TOOL.request.model_validate({"database": True, **fields}), aimed)

    return call
