"""From a blueprint to a backend that nothing breaks, by calling the tools over MCP and nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from mcp.client import Client

from backend.engines.postgres.host import PostgresHost, Scratch
from server.app import build_server
from server.settings import Settings
from tools.toolbox import Targets, Toolbox

SHOP = (Path(__file__).parents[2] / "examples" / "shop.yaml").read_text(encoding="utf-8")
FUZZ = 300


class Tools:
    """The tools as an MCP client calls them."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def __call__(self, tool: str, **arguments: Any) -> dict[str, Any]:
        result = await self._client.call_tool(tool, arguments)
        assert not result.is_error, result.content
        assert result.structured_content is not None
        return result.structured_content


def fact(report: dict[str, Any], name: str) -> str:
    return next(each["value"] for each in report["facts"] if each["name"] == name)


def target_url(engine: str, folder: Path, postgres: PostgresHost, scratch: Scratch) -> str:
    """The database an operator would have named."""
    if engine == "sqlite":
        (folder / "shop.db").touch()
        return f"sqlite:///{folder}/shop.db"
    of = postgres.psql_env(scratch)[1]
    return f"postgresql://{of['PGUSER']}:{quote(of['PGPASSWORD'])}@/{of['PGDATABASE']}?host={of['PGHOST']}"


@pytest.mark.parametrize("engine", ["sqlite", "postgres", "postgres+redis"])
async def test_a_shop_is_planned_applied_migrated_and_exercised(
    engine: str, tmp_path: Path, postgres: PostgresHost, scratch: Scratch, toolbox: Toolbox
) -> None:
    url = target_url(engine, tmp_path, postgres, scratch)
    (tmp_path / "shop.yaml").write_text(SHOP, encoding="utf-8")
    toolbox = replace(toolbox, targets=Targets(database_url=url))
    async with Client(build_server(Settings(workspace=str(tmp_path)), toolbox)) as client:
        call = Tools(client)

        plan = await call("scaffold_backend", path="shop", blueprint="shop.yaml")
        assert not (tmp_path / "shop").exists()
        applied = await call(
            "scaffold_backend",
            path="shop",
            blueprint="shop.yaml",
            action="apply",
            plan_hash=fact(plan, "plan_hash"),
        )
        assert applied["outcome"] == "pass"
        assert (tmp_path / "shop" / "app" / "orders" / "routes.py").is_file()

        migrations = {"path": "shop/migrations", "allow_project_code": True}
        rehearsed = await call("migrate_backend", action="rehearse", **migrations)
        assert rehearsed["outcome"] == "pass", rehearsed["findings"]
        migrated = await call("migrate_backend", action="apply", plan_hash=fact(rehearsed, "plan_hash"), **migrations)
        assert migrated["outcome"] == "pass"
        status = await call("migrate_backend", action="status", **migrations)
        assert status["outcome"] == "pass"

        exercised = await call("exercise_backend", path="shop", engine=engine, cases=FUZZ, allow_project_code=True)
        assert exercised["findings"] == []
        assert exercised["outcome"] == "pass", exercised["headline"]
