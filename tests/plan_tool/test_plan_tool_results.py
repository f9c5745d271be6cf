"""Answers about large plans stay small in both channels; the whole tree is behind the resource links."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from mcp.client import Client
from mcp.types import ResourceLink, TextContent, TextResourceContents
from plan_tool_help import ROWS, SHOP, Explain, Operators

from backend.runs import RunStore
from knowledge.formats.explain import read
from server.answer import to_result
from server.app import build_server
from server.kit import perform, redactor_of
from server.redact import redactor_for
from server.settings import Settings
from server.shorten import Detail
from tools.explain_query_plan import TOOL
from tools.spec import ToolError
from tools.toolbox import Targets, Toolbox

BRANCHES = 40
WIDE = " UNION ALL ".join(
    f"(SELECT o.id, o.total FROM orders o JOIN customers c ON c.id = o.customer_id"
    f" WHERE o.status = 'open' AND o.total > {n} AND c.country = 'c{n}' ORDER BY o.placed DESC LIMIT 3)"
    for n in range(BRANCHES)
)
DEEP = "SELECT * FROM customers c WHERE " + " AND ".join(
    f"c.id NOT IN (SELECT customer_id FROM orders WHERE total > {n} AND status <> 's{n}')" for n in range(BRANCHES)
)


@pytest.fixture
async def measured(operators: Operators) -> str:
    """A real plan of over a hundred steps that was executed."""
    return str(await operators.value(f"EXPLAIN (ANALYZE, BUFFERS, VERBOSE, SETTINGS, FORMAT JSON) {WIDE}"))


def sizes(text: str, structure: object) -> tuple[int, int]:
    return len(text), len(json.dumps(structure, separators=(",", ":"), ensure_ascii=False))


async def test_a_measured_plan_of_over_a_hundred_steps_fits_and_its_tree_is_behind_the_links(
    toolbox: Toolbox, measured: str
) -> None:
    steps = len(read(measured).nodes)
    assert steps > 100
    async with Client(build_server(Settings(), toolbox, [TOOL])) as client:
        result = await client.call_tool("explain_query_plan", {"plan": measured})
        text = result.content[0]
        assert isinstance(text, TextContent) and result.structured_content is not None
        assert max(sizes(text.text, result.structured_content)) < 8_000
        assert f"steps = {steps}" in text.text and "What the plan does" in text.text
        links = [each for each in result.content if isinstance(each, ResourceLink)]
        documents = {}
        for link in links:
            content = (await client.read_resource(link.uri)).contents[0]
            assert isinstance(content, TextResourceContents)
            documents[link.uri.rpartition("/")[2]] = content.text
    assert set(documents) == {"plan.txt", "plan.html", "plan.json", "plan.mmd"}
    assert sum("Scan" in line for line in documents["plan.txt"].splitlines()) >= 2 * BRANCHES
    assert documents["plan.html"].lower().startswith("<!doctype html>")
    assert not re.search(r"(?:src|href)=|@import|url\(", documents["plan.html"])
    assert len(json.loads(documents["plan.json"])["nodes"]) == steps
    assert documents["plan.mmd"].startswith(("flowchart", "graph"))


@pytest.mark.parametrize("sql", [WIDE, DEEP], ids=["wide", "deep"])
async def test_estimated_plans_fit_at_every_detail(explain: Explain, sql: str) -> None:
    report = await explain(sql=sql, ddl=SHOP, rows=ROWS)
    for detail, budget in ((Detail.SUMMARY, 2_500), (Detail.NORMAL, 8_000), (Detail.FULL, 12_000)):
        result = to_result(report, detail)
        block = result.content[0]
        assert isinstance(block, TextContent)
        assert max(sizes(block.text, result.structured_content)) <= budget, detail
        assert report.headline[:60] in block.text
        assert re.search(r"architect://runs/\w+/plan\.html", block.text)


async def test_a_measured_plan_fits_at_every_detail_in_every_notation(operators: Operators, explain: Explain) -> None:
    for notation in ("TEXT", "YAML", "XML", "JSON"):
        rows = await operators.session.fetch(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT {notation}) {WIDE}")
        report = await explain(plan="\n".join(str(row[0]) for row in rows))
        assert int(report.fact("steps")) > 100
        for detail, budget in ((Detail.SUMMARY, 2_500), (Detail.NORMAL, 8_000), (Detail.FULL, 12_000)):
            result = to_result(report, detail)
            block = result.content[0]
            assert isinstance(block, TextContent)
            assert max(sizes(block.text, result.structured_content)) <= budget, (notation, detail)


async def test_the_best_finding_comes_first_however_small_the_answer(explain: Explain) -> None:
    report = await explain(
        sql="SELECT * FROM orders WHERE customer_id = 42 ORDER BY placed DESC LIMIT 5", ddl=SHOP, rows=ROWS
    )
    text = to_result(report, Detail.SUMMARY).content[0]
    assert isinstance(text, TextContent)
    assert text.text.startswith("FINDINGS: orders_customer_id")


async def test_the_targets_password_is_nowhere_in_what_is_sent_or_kept(toolbox: Toolbox, operators: Operators) -> None:
    settings = Settings(workspace=str(toolbox.workspace.root), database_url=operators.url)
    runs = RunStore(clean=redactor_of(settings).model)
    aimed = replace(toolbox, targets=Targets(database_url=operators.url), runs=runs)
    sql = f"SELECT * FROM orders WHERE customer_id = 42 AND status = '{operators.password}' AND placed > now()"
    async with Client(build_server(settings, aimed, [TOOL])) as client:
        result = await client.call_tool("explain_query_plan", {"sql": sql, "database": True, "analyze": True})
    assert not result.is_error, result.content
    assert operators.password not in result.model_dump_json()
    kept = runs.get(runs.ids()[-1])
    assert len(kept.artifacts) >= 4 and operators.password not in kept.model_dump_json()
    assert "status = '***'" in kept.model_dump_json()


async def test_a_refusal_reaches_the_client_in_words(toolbox: Toolbox, operators: Operators) -> None:
    aimed = replace(toolbox, targets=Targets(database_url=operators.url))
    async with Client(build_server(Settings(), aimed, [TOOL])) as client:
        result = await client.call_tool(
            "explain_query_plan", {"sql": "DELETE FROM kinds", "database": True, "analyze": True}
        )
        planned = await client.call_tool("explain_query_plan", {"sql": "DELETE FROM kinds", "database": True})
    text, plan = result.content[0], planned.content[0]
    assert isinstance(text, TextContent) and isinstance(plan, TextContent)
    assert result.is_error and "not executed: it is not a SELECT" in text.text
    assert not planned.is_error and "cost = " in plan.text
    assert await operators.value("SELECT count(*) FROM kinds") == 40


async def test_a_refused_address_does_not_tell_its_password(toolbox: Toolbox) -> None:
    url = "postgresql://shop:s3cr3t-w0rd@127.0.0.1:1/shop"
    redact = redactor_for([url])
    aimed = replace(toolbox, targets=Targets(database_url=url))
    with pytest.raises(ToolError) as refusal:
        await perform(TOOL, TOOL.request.model_validate({"sql": "SELECT 1", "database": True}), aimed, redact)
    assert "refused a connection" in str(refusal.value)
    assert "s3cr3t-w0rd" not in str(refusal.value)
