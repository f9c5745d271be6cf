"""From a blueprint to a backend that nothing breaks, by calling the tools over MCP and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from mcp.client import Client

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


async def from_blueprint_to_exercise(
    engine: str, url: str, folder: Path, toolbox: Toolbox, checks: Sequence[str] = ()
) -> dict[str, Any]:
    """Plan, apply, migrate the database at ``url``, exercise on ``engine``; the last report."""
    (folder / "shop.yaml").write_text(SHOP, encoding="utf-8")
    toolbox = replace(toolbox, targets=Targets(database_url=url))
    async with Client(build_server(Settings(workspace=str(folder)), toolbox)) as client:
        call = Tools(client)

        plan = await call("scaffold_backend", path="shop", blueprint="shop.yaml")
        assert not (folder / "shop").exists()
        applied = await call(
            "scaffold_backend",
            path="shop",
            blueprint="shop.yaml",
            action="apply",
            plan_hash=fact(plan, "plan_hash"),
        )
        assert applied["outcome"] == "pass"
        assert (folder / "shop" / "app" / "orders" / "routes.py").is_file()

        migrations = {"path": "shop/migrations", "allow_project_code": True}
        rehearsed = await call("migrate_backend", action="rehearse", **migrations)
        assert rehearsed["outcome"] == "pass", rehearsed["findings"]
        migrated = await call("migrate_backend", action="apply", plan_hash=fact(rehearsed, "plan_hash"), **migrations)
        assert migrated["outcome"] == "pass"
        status = await call("migrate_backend", action="status", **migrations)
        assert status["outcome"] == "pass"

        return await call(
            "exercise_backend",
            path="shop",
            engine=engine,
            checks=list(checks),
            cases=FUZZ,
            allow_project_code=True,
        )
