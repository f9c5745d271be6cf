"""Both generations of the TypeScript SDK's client, over stdio and over HTTP."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from node_clients import Node

pytestmark = pytest.mark.node
SCRIPT = Path(__file__).with_name("typescript_client.mjs")
SQL = "create table users (id uuid primary key, email text);\nalter table users alter column email set not null;"
CLIENTS: dict[str, dict[str, Any]] = {
    "v1": {"sdk": "v1"},
    "v2 before 2026-07-28": {"sdk": "v2", "mode": "legacy"},
    "v2 at 2026-07-28": {"sdk": "v2", "mode": {"pin": "2026-07-28"}},
}


def _drive(node: Node, task: dict[str, Any]) -> dict[str, Any]:
    done = node.run(SCRIPT, json.dumps({**task, "sql": SQL}))
    assert done.returncode == 0, done.stdout + done.stderr
    met: dict[str, Any] = json.loads(done.stdout)
    return met


def _check(met: dict[str, Any]) -> None:
    assert met["server"]["name"] == "backend-architect"
    assert 0 < len(met["instructions"]) < 1_000
    assert "review_schema" in [tool["name"] for tool in met["tools"]]
    review = met["review"]
    assert not review.get("isError")
    assert review["structuredContent"]["tool"] == "review_schema"
    assert review["structuredContent"]["headline"] in review["content"][0]["text"]
    assert met["misspelt"]["isError"] and "did you mean" in met["misspelt"]["content"][0]["text"].lower()
    assert met["unknown"]["isError"] and "review_schema" in met["unknown"]["content"][0]["text"]
    assert "architect://rules" in [resource["uri"] for resource in met["resources"]]
    assert "index_not_concurrent" in met["rules"]["contents"][0]["text"].replace("-", "_")
    assert "architect" in [prompt["name"] for prompt in met["prompts"]]
    assert met["prompt"]["messages"][0]["content"]["text"]
    assert json.loads(met["report"]["contents"][0]["text"])["tool"] == "review_schema"
    assert "no_such_rule" in met["missing"]


@pytest.mark.parametrize("client", CLIENTS.values(), ids=CLIENTS.keys())
def test_a_typescript_client_drives_the_server_over_stdio(
    node: Node, client: dict[str, Any], backend_architect_command: str, tmp_path: Path
) -> None:
    started = {"command": backend_architect_command, "args": ["--workspace", str(tmp_path)]}
    _check(_drive(node, {**client, **started}))


@pytest.mark.parametrize("client", CLIENTS.values(), ids=CLIENTS.keys())
def test_a_typescript_client_drives_the_server_over_http(node: Node, client: dict[str, Any], http_url: str) -> None:
    _check(_drive(node, {**client, "url": http_url}))
