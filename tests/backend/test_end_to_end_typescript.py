"""From a blueprint to a TypeScript backend that nothing breaks, by calling the tools over MCP."""

from __future__ import annotations

from pathlib import Path

from end_to_end import Tools, fact
from mcp.client import Client
from node_clients import installed

from server.app import build_server
from server.settings import Settings
from tools.toolbox import Toolbox

EVERY_FEATURE = (Path(__file__).parents[2] / "examples" / "every_feature.yaml").read_text(encoding="utf-8")


async def test_every_feature_is_scaffolded_in_typescript_and_exercised(tmp_path: Path, toolbox: Toolbox) -> None:
    (tmp_path / "library.yaml").write_text(EVERY_FEATURE, encoding="utf-8")
    async with Client(build_server(Settings(workspace=str(tmp_path)), toolbox)) as client:
        call = Tools(client)
        asked = {"path": "library", "blueprint": "library.yaml", "stack": "typescript"}
        plan = await call("scaffold_backend", **asked)
        await call("scaffold_backend", **asked, action="apply", plan_hash=fact(plan, "plan_hash"))
        project = tmp_path / "library"

        unready = await client.call_tool("exercise_backend", {"path": "library", "allow_project_code": True})
        assert unready.is_error
        assert "npm install" in str(unready.content)

        (project / "node_modules").symlink_to(installed(project / "package.json").home / "node_modules")
        report = await call("exercise_backend", path="library", allow_project_code=True, cases=300)
        assert report["findings"] == []
        assert fact(report, "operations").startswith("31 of 31")
        refused = await call("exercise_backend", path="library", allow_project_code=True, checks=["load"])
        assert any("TypeScript" in reason or "Python only" in reason for reason in refused["not_tested"])
