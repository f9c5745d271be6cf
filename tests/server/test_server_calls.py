"""Progress, cancellation, read-only, toolsets, resources, prompts and completion; both protocol eras."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from mcp.client import Client
from mcp.shared.exceptions import MCPError
from mcp.types import PromptReference, ResourceTemplateReference, TextContent, TextResourceContents
from pydantic import Field
from server_samples import INSPECT, MOVE, Waiting

from backend.engines.postgres.host import PostgresHost
from backend.workspace import Workspace
from knowledge.report import Outcome, Report
from server.app import build_server
from server.kit import offered
from server.progress import Throttle
from server.settings import Settings
from tools.registry import all_tools
from tools.spec import Request, ToolSpec
from tools.toolbox import Toolbox

ERAS = pytest.mark.parametrize("era", ["auto", "legacy"])


@ERAS
async def test_progress_of_a_tool_reaches_the_client(toolbox: Toolbox, era: str) -> None:
    seen: list[tuple[float, float | None, str | None]] = []

    async def note(progress: float, total: float | None, message: str | None) -> None:
        seen.append((progress, total, message))

    async with Client(build_server(Settings(), toolbox, [INSPECT]), mode=era) as client:
        await client.call_tool("inspect_sample", {"path": "a.sql"}, progress_callback=note)
    assert seen[0] == (1, 2, "half")
    assert seen[-1] == (2, 2, "done")


async def test_progress_is_passed_on_no_more_often_than_ten_times_a_second_and_the_end_always() -> None:
    now = [0.0]
    sent: list[float] = []

    async def send(done: float, total: float | None, message: str | None) -> None:
        sent.append(done)

    throttle = Throttle(send, lambda: now[0])
    for step in range(1, 101):
        now[0] += 0.01
        await throttle(step, 100, "")
    assert sent[0] == 1 and sent[-1] == 100
    assert len(sent) <= 12
    await throttle(50, 100, "backwards")
    assert sent[-1] == 100


@ERAS
async def test_cancelling_a_call_cancels_the_tool_and_the_server_answers_the_next(toolbox: Toolbox, era: str) -> None:
    waiting = Waiting()
    async with Client(build_server(Settings(), toolbox, [INSPECT, waiting.spec]), mode=era) as client:
        call = asyncio.create_task(client.call_tool("wait_sample", {}))
        await asyncio.wait_for(waiting.started.wait(), 5)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await asyncio.wait_for(waiting.cancelled.wait(), 5)
        assert not (await client.call_tool("inspect_sample", {"path": "a.sql"})).is_error


class SleepRequest(Request):
    seconds: int = Field(default=600, description="how long")


class Sleeper:
    """A tool that keeps the engine busy until it is cancelled."""

    def __init__(self) -> None:
        self.busy = asyncio.Event()
        self.freed = asyncio.Event()

    async def run(self, request: SleepRequest, toolbox: Toolbox) -> Report:
        try:
            async with toolbox.postgres.scratch() as scratch:
                session = await scratch.connect()
                try:
                    await session.execute("create table held (id int)")
                    self.busy.set()
                    await session.execute(f"select pg_sleep({request.seconds})")
                finally:
                    await session.close()
        finally:
            self.freed.set()
        return Report(tool="sleep_sample", outcome=Outcome.PASS, headline="slept")


async def databases(host: PostgresHost) -> int:
    async with host.scratch() as scratch:
        session = await scratch.connect(admin=True)
        try:
            count: int = await session.fetchval("select count(*) from pg_database where not datistemplate")
        finally:
            await session.close()
    return count


@ERAS
async def test_cancelling_stops_the_engine_and_leaves_no_database(toolbox: Toolbox, era: str) -> None:
    sleeper = Sleeper()
    spec = ToolSpec("sleep_sample", "Sleep", "Sleep.", SleepRequest, sleeper.run, "schema")
    before = await databases(toolbox.postgres)
    async with Client(build_server(Settings(), toolbox, [spec]), mode=era) as client:
        call = asyncio.create_task(client.call_tool("sleep_sample", {}))
        await asyncio.wait_for(sleeper.busy.wait(), 30)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await asyncio.wait_for(sleeper.freed.wait(), 10)
        assert await databases(toolbox.postgres) == before


@ERAS
async def test_a_real_migration_that_never_ends_can_be_cancelled(toolbox: Toolbox, era: str) -> None:
    folder = toolbox.workspace.root / "migrations"
    folder.mkdir()
    (folder / "001_never.sql").write_text("create table t (id int);\nselect pg_sleep(600);\n")
    started = asyncio.Event()

    async def note(progress: float, total: float | None, message: str | None) -> None:
        started.set()

    before = await databases(toolbox.postgres)
    async with Client(build_server(Settings(), toolbox), mode=era) as client:
        arguments = {"path": "migrations", "timeout_seconds": 600}
        call = asyncio.create_task(client.call_tool("migrate_backend", arguments, progress_callback=note))
        await asyncio.wait_for(started.wait(), 30)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        result = await client.call_tool("review_schema", {"sql": "create table a (id bigint primary key);"})
    assert not result.is_error
    assert await databases(toolbox.postgres) == before


def read_only(toolbox: Toolbox, tmp_path: Path) -> Toolbox:
    return replace(toolbox, workspace=Workspace.at(tmp_path, read_only=True))


@ERAS
async def test_read_only_takes_writing_actions_out_of_the_schema_and_refuses_them(
    toolbox: Toolbox, tmp_path: Path, era: str
) -> None:
    kit = read_only(toolbox, tmp_path)
    async with Client(build_server(Settings(read_only=True), kit, [MOVE]), mode=era) as client:
        (tool,) = (await client.list_tools()).tools
        refused = await client.call_tool("move_sample", {"action": "apply"})
        planned = await client.call_tool("move_sample", {"action": "plan"})
    assert tool.input_schema["properties"]["action"]["enum"] == ["plan"]
    assert tool.annotations is not None
    assert tool.annotations.read_only_hint and not tool.annotations.destructive_hint
    assert refused.is_error and isinstance(refused.content[0], TextContent)
    assert "--read-only" in refused.content[0].text and "plan" in refused.content[0].text
    assert not planned.is_error


async def test_without_read_only_the_same_action_runs(toolbox: Toolbox) -> None:
    """The weakened twin: only the option stands between the caller and the writing action."""
    async with Client(build_server(Settings(), toolbox, [MOVE])) as client:
        assert not (await client.call_tool("move_sample", {"action": "apply"})).is_error


def test_a_tool_that_can_only_write_is_not_listed_with_read_only() -> None:
    only_writes = replace(MOVE, read_only_actions=())
    assert offered([only_writes, INSPECT], Settings(read_only=True)) == [INSPECT]
    assert offered([only_writes, INSPECT], Settings()) == [only_writes, INSPECT]


def test_toolsets_choose_the_tools() -> None:
    assert offered([MOVE, INSPECT], Settings(toolsets=frozenset({"schema"}))) == [INSPECT]


def test_every_tool_of_the_registry_belongs_to_a_known_toolset_and_reads_by_known_actions() -> None:
    from server.settings import TOOLSETS

    for spec in all_tools():
        assert spec.toolset in TOOLSETS
        if spec.read_only_actions:
            assert "action" in spec.request.model_fields and not spec.read_only


@ERAS
async def test_rules_can_be_read_and_an_unknown_one_gets_the_nearest(toolbox: Toolbox, era: str) -> None:
    async with Client(build_server(Settings(), toolbox), mode=era) as client:
        index = (await client.read_resource("architect://rules")).contents[0]
        page = (await client.read_resource("architect://rules/drop-column")).contents[0]
        with pytest.raises(MCPError, match="Did you mean 'drop-column'"):
            await client.read_resource("architect://rules/drop-colum")
        with pytest.raises(MCPError, match="no run 'feed'"):
            await client.read_resource("architect://runs/feed/report.json")
        templates = (await client.list_resource_templates()).resource_templates
    assert isinstance(index, TextResourceContents) and "`drop-column`" in index.text
    assert isinstance(page, TextResourceContents) and page.text.startswith("# drop-column")
    assert {template.uri_template for template in templates} == {
        "architect://rules/{rule}",
        "architect://runs/{run}/report.json",
        "architect://runs/{run}/{artifact}",
    }


@ERAS
async def test_an_unknown_document_names_those_the_run_has(toolbox: Toolbox, era: str) -> None:
    async with Client(build_server(Settings(), toolbox, [INSPECT]), mode=era) as client:
        result = await client.call_tool("inspect_sample", {"path": "a.sql"})
        assert result.structured_content is not None
        with pytest.raises(MCPError, match=r"It has: report\.json, plan\.sql"):
            await client.read_resource(f"architect://runs/{result.structured_content['run']}/plan.txt")


@ERAS
async def test_rule_ids_run_ids_and_documents_are_completed(toolbox: Toolbox, era: str) -> None:
    rules = ResourceTemplateReference(type="ref/resource", uri="architect://rules/{rule}")
    runs = ResourceTemplateReference(type="ref/resource", uri="architect://runs/{run}/{artifact}")
    async with Client(build_server(Settings(), toolbox, [INSPECT]), mode=era) as client:
        found = (await client.complete(rules, {"name": "rule", "value": "drop-t"})).completion
        result = await client.call_tool("inspect_sample", {"path": "a.sql"})
        assert result.structured_content is not None
        run = result.structured_content["run"]
        ids = (await client.complete(runs, {"name": "run", "value": run[:2]})).completion
        documents = await client.complete(runs, {"name": "artifact", "value": "p"}, context_arguments={"run": run})
        prompt = PromptReference(type="ref/prompt", name="design_feature")
        nothing = (await client.complete(prompt, {"name": "feature", "value": ""})).completion
    assert "drop-table" in found.values
    assert run in ids.values
    assert documents.completion.values == ["plan.sql"]
    assert nothing.values == []


@ERAS
async def test_prompts_render(toolbox: Toolbox, era: str) -> None:
    async with Client(build_server(Settings(), toolbox), mode=era) as client:
        names = {prompt.name for prompt in (await client.list_prompts()).prompts}
        design = await client.get_prompt("design_feature", {"feature": "gift cards"})
        review = await client.get_prompt("review_pull_request", {"folder": "services/shop"})
    assert names == {"architect", "review_pull_request", "design_feature"}
    assert isinstance(design.messages[0].content, TextContent)
    assert "gift cards" in design.messages[0].content.text
    assert isinstance(review.messages[0].content, TextContent)
    assert "services/shop" in review.messages[0].content.text and "main...HEAD" in review.messages[0].content.text


async def test_the_catalogue_may_be_cached_and_never_claims_to_change(toolbox: Toolbox) -> None:
    async with Client(build_server(Settings(), toolbox)) as client:
        listed = await client.list_tools()
        capabilities = client.server_capabilities
    assert listed.ttl_ms == 3_600_000 and listed.cache_scope == "public"
    assert capabilities.tools is not None and not capabilities.tools.list_changed


async def test_the_servers_own_engine_is_closed_when_it_stops() -> None:
    server = build_server(Settings())
    async with Client(server) as client:
        await client.call_tool("review_schema", {"sql": "create table a (id bigint primary key);"})
        from server.spec_tool import SpecTool

        tool = server._tool_manager.get_tool("review_schema")
        assert isinstance(tool, SpecTool)
        assert tool._toolbox.postgres.server is not None
    assert tool._toolbox.postgres.server is None
