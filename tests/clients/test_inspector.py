"""The official inspector's command line against the installed console script."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from node_clients import Node

pytestmark = pytest.mark.node
ERAS = ("legacy", "modern")


def _inspect(node: Node, command: str, workspace: Path, *options: str) -> dict[str, object]:
    launcher = node.script("@modelcontextprotocol/inspector", "clients/launcher/build/index.js")
    server = (command, "--workspace", str(workspace))
    done = node.run(launcher, "--cli", *server, *options, cwd=workspace)
    assert done.returncode == 0, done.stdout + done.stderr
    answer = json.loads(done.stdout)
    assert isinstance(answer, dict)
    return answer


@pytest.mark.parametrize("era", ERAS)
def test_the_inspector_finds_every_schema_portable(
    node: Node, backend_architect_command: str, tmp_path: Path, era: str
) -> None:
    options = ("--method", "tools/list", "--strict", "--protocol-era", era)
    answer = _inspect(node, backend_architect_command, tmp_path, *options)
    tools = answer["tools"]
    assert isinstance(tools, list)
    assert "review_schema" in {tool["name"] for tool in tools}


@pytest.mark.parametrize("era", ERAS)
def test_the_inspector_calls_a_tool_that_runs_the_statement(
    node: Node, backend_architect_command: str, tmp_path: Path, era: str
) -> None:
    sql = "create table t (id bigint primary key); create index on t (id);"
    call = ("--method", "tools/call", "--tool-name", "review_schema", "--tool-args-json", json.dumps({"sql": sql}))
    answer = _inspect(node, backend_architect_command, tmp_path, *call, "--protocol-era", era)
    report = answer["structuredContent"]
    assert isinstance(report, dict)
    assert report["tool"] == "review_schema"
    assert report["outcome"] in ("pass", "findings")
