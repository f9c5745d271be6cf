"""The plan viewer as an MCP App: declared, bound to its tool, and fed by what the result links to."""

from __future__ import annotations

import json

import pytest
from mcp.client import Client
from mcp.types import TextResourceContents

from server.app import build_server
from server.plan_viewer import VIEWS
from server.settings import Settings
from tools.toolbox import Toolbox

PLAN = """\
Seq Scan on orders  (cost=0.00..35000.00 rows=10 width=24) (actual time=0.100..790.000 rows=10 loops=1)
  Filter: (user_id = 42)
  Rows Removed by Filter: 1999990
"""


@pytest.mark.parametrize("era", ["auto", "legacy"])
async def test_the_tool_names_its_page_and_the_page_is_there(toolbox: Toolbox, era: str) -> None:
    async with Client(build_server(Settings(), toolbox), mode=era) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert tools["explain_query_plan"].meta == {"ui": {"resourceUri": VIEWS["plan"]}}
        assert all(not (tool.meta or {}).get("ui") for name, tool in tools.items() if name != "explain_query_plan")
        listed = {str(resource.uri): resource.mime_type for resource in (await client.list_resources()).resources}
        assert listed[VIEWS["plan"]] == "text/html;profile=mcp-app"
        (page,) = (await client.read_resource(VIEWS["plan"])).contents
    assert isinstance(page, TextResourceContents)
    assert page.mime_type == "text/html;profile=mcp-app"
    assert page.text.startswith("<!doctype html>") and "default-src 'none'" in page.text


async def test_what_the_page_asks_for_is_what_it_draws(toolbox: Toolbox) -> None:
    async with Client(build_server(Settings(), toolbox)) as client:
        result = await client.call_tool("explain_query_plan", {"plan": PLAN})
        assert result.structured_content is not None
        (plan,) = [item for item in result.structured_content["artifacts"] if item["name"] == "plan.json"]
        (document,) = (await client.read_resource(plan["uri"])).contents
    assert isinstance(document, TextResourceContents)
    drawn = json.loads(document.text)
    assert [node["name"] for node in drawn["nodes"]] == ["Seq Scan on orders"]
    assert drawn["unit"] == "ms" and drawn["findings"]
