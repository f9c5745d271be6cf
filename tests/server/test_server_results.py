"""Results: both channels complete alone, within budget, the rest behind a resource."""

from __future__ import annotations

import json

import pytest
from inline_snapshot import snapshot
from mcp.client import Client
from mcp.types import ResourceLink, TextContent, TextResourceContents
from server_samples import INSPECT, MOVE, finding

from knowledge.report import Outcome, Report
from server.answer import to_result
from server.app import INSTRUCTIONS, build_server
from server.settings import Settings
from server.shorten import LEVELS, Detail
from server.strict import StrictServer
from tools.registry import all_tools
from tools.toolbox import Toolbox

ERAS = pytest.mark.parametrize("era", ["auto", "legacy"])


@pytest.fixture
def server(toolbox: Toolbox) -> StrictServer:
    return build_server(Settings(), toolbox, [INSPECT, MOVE])


@ERAS
async def test_the_text_alone_tells_everything(server: StrictServer, era: str) -> None:
    async with Client(server, mode=era) as client:
        result = await client.call_tool("inspect_sample", {"path": "a.sql", "limit": 1})
    assert isinstance(result.content[0], TextContent)
    assert isinstance(result.content[1], ResourceLink)
    run = result.content[1].uri.split("/")[3]
    assert result.content[0].text.replace(run, "RUN") == snapshot(
        """\
FINDINGS: 1 findings in a.sql
findings = 1; tags = \n\

1. HIGH sample-rule: finding 1
   at 001.sql:1:1, public.users
   observed: ran statement 1 -> AccessExclusiveLock
   fix (proven): do it in two steps [ran]
```sql
-- outside a transaction
select 1;
```

Next: apply the fixes

Documents: architect://runs/RUN/plan.sql\
"""
    )


@ERAS
async def test_the_structure_alone_tells_everything(server: StrictServer, era: str) -> None:
    async with Client(server, mode=era) as client:
        result = await client.call_tool("inspect_sample", {"path": "a.sql", "limit": 1})
    structure = result.structured_content
    assert structure is not None
    run = structure["run"]
    assert structure["artifacts"] == [
        {"name": "plan.sql", "media_type": "application/sql", "uri": f"architect://runs/{run}/plan.sql"}
    ]
    assert structure["findings"][0]["fixes"][0]["steps"] == [{"sql": "select 1;", "alone": True, "note": ""}]
    assert structure["outcome"] == "findings"


@ERAS
async def test_the_documents_of_a_run_and_its_report_can_be_read(server: StrictServer, era: str) -> None:
    async with Client(server, mode=era) as client:
        result = await client.call_tool("inspect_sample", {"path": "a.sql", "limit": 40})
        assert result.structured_content is not None
        run = result.structured_content["run"]
        plan = (await client.read_resource(f"architect://runs/{run}/plan.sql")).contents[0]
        report = (await client.read_resource(f"architect://runs/{run}/report.json")).contents[0]
    assert isinstance(plan, TextResourceContents) and plan.text == "select 1;\n"
    assert isinstance(report, TextResourceContents) and report.mime_type == "application/json"
    assert len(Report.model_validate_json(report.text).findings) == 40


def report_of(findings: int, words: int = 10) -> Report:
    long = " ".join(["word"] * words)
    return Report(
        tool="t",
        outcome=Outcome.FINDINGS,
        headline="many",
        findings=[finding(n).model_copy(update={"message": f"{n} {long}"}) for n in range(1, findings + 1)],
        run="ab12",
    )


@pytest.mark.parametrize("detail", list(Detail))
@pytest.mark.parametrize(("findings", "words"), [(0, 1), (5, 10), (60, 200), (3_000, 50), (2, 30_000)])
def test_no_result_exceeds_its_budget_and_what_is_left_out_is_counted(
    detail: Detail, findings: int, words: int
) -> None:
    result = to_result(report_of(findings, words), detail)
    block = result.content[0]
    assert isinstance(block, TextContent) and result.structured_content is not None
    assert len(block.text) <= LEVELS[detail].budget
    assert (
        len(json.dumps(result.structured_content, separators=(",", ":"), ensure_ascii=False)) <= LEVELS[detail].budget
    )
    kept = len(result.structured_content["findings"])
    if kept < findings:
        assert f"{findings - kept:,} finding" in result.structured_content["omitted"]
        assert "architect://runs/ab12/report.json" in result.structured_content["omitted"]


def test_remarks_longer_than_any_budget_are_cut_too() -> None:
    report = report_of(1).model_copy(update={"not_tested": [f"item {n} was not tested" for n in range(9_000)]})
    result = to_result(report, Detail.NORMAL)
    block = result.content[0]
    assert isinstance(block, TextContent)
    assert len(block.text) <= 8_000
    assert "untested items" in block.text
    assert "1. HIGH sample-rule" in block.text


def test_the_largest_detail_keeps_a_whole_result_under_25_000_characters() -> None:
    assert len(to_result(report_of(500, 100), Detail.FULL).model_dump_json(by_alias=True)) < 25_000


def test_a_summary_says_less_than_a_normal_answer_and_that_less_than_a_full_one() -> None:
    sizes = [len(to_result(report_of(12, 60), detail).model_dump_json()) for detail in Detail]
    assert sizes == sorted(sizes) and len(set(sizes)) == 3


def test_a_statement_is_never_cut_in_the_middle() -> None:
    report = report_of(1)
    step = report.findings[0].fixes[0].steps[0].model_copy(update={"sql": "select " + "1 + " * 5_000 + "1;"})
    fix = report.findings[0].fixes[0].model_copy(update={"steps": [step]})
    found = report.findings[0].model_copy(update={"fixes": [fix]})
    result = to_result(report.model_copy(update={"findings": [found]}), Detail.NORMAL)
    assert result.structured_content is not None
    sql = result.structured_content["findings"][0]["fixes"][0]["steps"][0]["sql"]
    assert sql == snapshot("-- 20,009 characters, in report.json")


@ERAS
async def test_tools_say_honestly_what_they_do(server: StrictServer, era: str) -> None:
    async with Client(server, mode=era) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
    inspect, move = tools["inspect_sample"].annotations, tools["move_sample"].annotations
    assert inspect is not None and inspect.read_only_hint and inspect.idempotent_hint
    assert not inspect.destructive_hint and not inspect.open_world_hint
    assert move is not None and not move.read_only_hint and move.destructive_hint and not move.idempotent_hint
    assert {tool.title for tool in tools.values()} == {"Inspect a sample", "Move a sample"}


async def test_the_whole_catalogue_fits_into_8_000_characters() -> None:
    async with Client(build_server(Settings())) as client:
        listed = (await client.list_tools()).tools
    size = sum(
        len(tool.name) + len(tool.description or "") + len(json.dumps(tool.input_schema, separators=(",", ":")))
        for tool in listed
    )
    assert size <= 8_000
    assert len(listed) == len(all_tools()) <= 12


async def test_no_schema_uses_unions_references_or_titles_and_all_are_closed() -> None:
    async with Client(build_server(Settings())) as client:
        for tool in (await client.list_tools()).tools:
            for schema in (tool.input_schema, tool.output_schema):
                text = json.dumps(schema)
                assert not any(word in text for word in ('"anyOf"', '"oneOf"', '"allOf"', '"$ref"', '"$defs"'))
                assert schema is not None and schema["type"] == "object"
                assert schema["additionalProperties"] is False
            assert all("title" not in node for node in tool.input_schema["properties"].values())
            assert all(node.get("description") for node in tool.input_schema["properties"].values()), tool.name


async def test_instructions_fit_and_the_server_introduces_itself() -> None:
    assert len(INSTRUCTIONS) < 1_000
    server = build_server(Settings())
    async with Client(server) as client:
        assert client.instructions == INSTRUCTIONS
        info = client.server_info
    assert info is not None
    assert (info.name, info.title) == ("backend-architect", "Backend Architect")
    assert info.version and info.website_url
