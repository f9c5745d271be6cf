"""Running a rule's examples and whole reviews, as the tests need them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from backend.engines.catalog import read_schema
from backend.engines.postgres.host import PostgresHost
from backend.engines.trace import Tracer
from backend.judge import Judgement, by_kind
from backend.review.loading import Loader
from backend.review.position import Position
from backend.runs import RunStore
from backend.workspace import Workspace
from knowledge.formats.postgres_sql import read
from knowledge.report import Finding, Report
from knowledge.rules.rule import Hit, SchemaRule, StatementContext, StatementRule
from knowledge.schema import Schema
from tools.review_schema import ReviewSchemaRequest, run
from tools.toolbox import Toolbox

SETUP_ENDS = "-- setup ends\n"


async def judged(host: PostgresHost, rule: StatementRule, example: str) -> list[Judgement]:
    """What the engine confirms of a rule about an example, whose setup runs first and is not judged."""
    setup, _, script = example.rpartition(SETUP_ENDS)
    found: list[Judgement] = []

    def keep(_context: StatementContext, judgements: list[Judgement]) -> None:
        found.extend(judgements)

    async def silent(_done: int) -> None:
        return None

    await host.start()
    async with host.scratch() as scratch:
        session = await scratch.connect()
        try:
            await session.execute(setup)
        finally:
            await session.close()
        async with Tracer(scratch) as tracer:
            await Loader(tracer, by_kind([rule]), keep, silent).run(Position(read(script), version=host.version))
    return found


async def schema_after(host: PostgresHost, script: str) -> Schema:
    """The catalog after running a script."""
    async with host.scratch() as scratch:
        session = await scratch.connect()
        try:
            await session.execute(script)
            return await read_schema(session)
        finally:
            await session.close()


async def inspected(host: PostgresHost, rule: SchemaRule, example: str) -> list[Hit]:
    """What a schema rule says about the catalog after an example."""
    return list(rule.inspect(await schema_after(host, example)))


async def review(toolbox: Toolbox, sql: str = "", **fields: object) -> Report:
    """One call of the tool."""
    return await run(ReviewSchemaRequest.model_validate({"sql": sql, **fields}), toolbox)


def rules_of(report: Report) -> list[str]:
    """Ids of the findings, in their order."""
    return [finding.rule for finding in report.findings]


def only(report: Report, rule: str) -> Finding:
    """The one finding of a rule."""
    found = [finding for finding in report.findings if finding.rule == rule]
    assert len(found) == 1, (rule, [(finding.rule, finding.message) for finding in report.findings])
    return found[0]


def toolbox_at(folder: Path, host: PostgresHost, day: str = "2026-11-24") -> Toolbox:
    """A toolbox whose clock stands still."""
    moment = datetime.fromisoformat(day).replace(tzinfo=UTC)
    return Toolbox(workspace=Workspace.at(folder), postgres=host, runs=RunStore(), clock=lambda: moment)
