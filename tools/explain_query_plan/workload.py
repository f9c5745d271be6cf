"""The answer about many queries: what a log wastes, and which indexes serve all of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from backend.advice.workload_model import WeightedQuery
from backend.plans.ground import Ground
from backend.plans.repeated import repeated
from backend.plans.report import TOOL
from backend.plans.workload import Weighed, weigh, weighted
from knowledge.report import Fact, Finding, Outcome, Report
from tools.explain_query_plan.given import Given, is_sqlite
from tools.spec import ToolError
from tools.toolbox import Toolbox

if TYPE_CHECKING:
    from tools.explain_query_plan import ExplainQueryPlanRequest

NO_GROUND = "indexes: they are tried on a schema; give `ddl` (with `rows` or `statistics`) or `database`"


async def workload_report(
    request: ExplainQueryPlanRequest, given: Given, ground: Ground | None, toolbox: Toolbox
) -> Report:
    """The report about a log or a list of queries.

    Raises:
        ToolError: a list of queries without a schema.
        LabError: the schema cannot be used.
    """
    findings = (
        repeated(given.log, given.path, "sqlite" if is_sqlite(request) else "postgresql")
        if given.log is not None
        else []
    )
    queries = weighted(given.log) if given.log is not None else [WeightedQuery(sql) for sql in given.queries]
    if ground is None and given.log is None:
        raise ToolError(
            "a list of queries is planned on a schema: give `ddl` (with `rows` or `statistics`) or `database`"
        )
    if ground is None:
        weighed = Weighed(findings=findings, not_tested=[NO_GROUND])
    else:
        weighed = await weigh(toolbox.postgres, queries, ground, request.budget_mb, toolbox.progress, findings)
    findings = weighed.findings
    return Report(
        tool=TOOL,
        outcome=_outcome(given, ground, findings),
        headline=_headline(findings[0].message if findings else "", len(findings), len(queries), ground),
        facts=[*_log_facts(given, len(queries)), *weighed.facts],
        findings=findings,
        tables=weighed.tables,
        not_tested=[*(given.log.problems if given.log is not None else ()), *weighed.not_tested],
        assumptions=weighed.assumptions,
        next_step=_next(given, ground, bool(weighed.artifacts)),
        artifacts=weighed.artifacts,
    )


def _outcome(given: Given, ground: Ground | None, findings: Sequence[Finding]) -> Outcome:
    """Sums of calls show no loops: without a schema, nothing of them was tested."""
    if findings:
        return Outcome.FINDINGS
    untold = ground is None and given.log is not None and given.log.notation == "pg_stat_statements"
    return Outcome.NOT_TESTED if untold else Outcome.PASS


def _headline(first: str, findings: int, queries: int, ground: Ground | None) -> str:
    if not findings and ground is None:
        return f"no query of {queries:,} distinct ones runs in a loop; indexes were not tried, for there is no schema"
    if not findings:
        return f"nothing to improve was found in {queries:,} distinct queries"
    rest = f"; {findings - 1} more finding{'s' if findings > 2 else ''}" if findings > 1 else ""
    return f"{first}{rest}"


def _log_facts(given: Given, distinct: int) -> list[Fact]:
    if given.log is None:
        return [Fact(name="queries", value=f"{distinct:,}")]
    executions = sum(query.calls for query in given.log.queries)
    return [
        Fact(name="log", value=given.log.notation),
        Fact(name="executions", value=f"{executions:,}"),
        Fact(name="distinct queries", value=f"{distinct:,}"),
    ]


def _next(given: Given, ground: Ground | None, advised: bool) -> str:
    if ground is None:
        return "apply the edits and read the log again; with `ddl` the workload's indexes are tried too"
    if advised:
        return "create the indexes in a migration, then rehearse it with migrate_backend"
    return ""
