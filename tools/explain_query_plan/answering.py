"""Which way a request is answered: by comparing, by reading, by the lab, or on the operator's database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.engines.lab.error import LabError
from backend.engines.postgres.binaries import EngineError
from backend.engines.sqlite_lab import SqliteLabError
from backend.plans.compared import comparison_report
from backend.plans.explained import Explained
from backend.plans.ground import Ground, GroundError, ddl_of, declared_ground, exported_ground, rebuilt_ground
from backend.plans.query import UnplannableError, explain_query
from backend.plans.ranked import PASTED, Provenance
from backend.plans.report import report_of
from backend.targets.target import TargetError
from backend.workspace import WorkspaceError
from knowledge.formats.statistics.error import StatisticsError
from knowledge.plan.model import Plan
from knowledge.report import Basis, Report
from tools.explain_query_plan.given import Given, given_by, is_sqlite
from tools.spec import ToolError
from tools.toolbox import Toolbox

if TYPE_CHECKING:
    from backend.plans.live import LiveDatabase
    from tools.explain_query_plan import ExplainQueryPlanRequest


REFUSALS = (EngineError, GroundError, SqliteLabError, StatisticsError, TargetError, WorkspaceError)


async def answer(request: ExplainQueryPlanRequest, toolbox: Toolbox) -> Report:
    """The report that answers a request.

    Raises:
        ToolError: what the caller can put right.
    """
    try:
        given = given_by(request, toolbox.workspace)
        return await _answer(request, given, toolbox)
    except UnplannableError as error:
        raise ToolError(f"the query cannot be planned: {error}") from None
    except LabError as error:
        raise ToolError(f"the schema (`ddl`) cannot be made: {error}") from None
    except REFUSALS as error:
        raise ToolError(str(error)) from None


async def _answer(request: ExplainQueryPlanRequest, given: Given, toolbox: Toolbox) -> Report:
    if given.plan is not None and given.older is not None:
        return comparison_report(given.older, given.plan)
    if is_sqlite(request) and given.queries:
        return report_of(await _on_sqlite(request, given, toolbox))
    if given.log is not None or len(given.queries) > 1:
        from tools.explain_query_plan.workload import workload_report

        ground = None if is_sqlite(request) else await _ground(request, given, toolbox)
        return await workload_report(request, given, ground, toolbox)
    if request.database:
        return report_of(await _live(request, given, toolbox))
    return report_of(await _one(request, given, toolbox))


async def _one(request: ExplainQueryPlanRequest, given: Given, toolbox: Toolbox) -> Explained:
    """One query in the lab, a pasted plan, or both."""
    ground = await _ground(request, given, toolbox)
    sql = given.queries[0] if given.queries else given.plan.query if given.plan is not None else ""
    pasted = (given.plan, _pasted(given)) if given.plan is not None else None
    if pasted is not None and given.queries:
        _refuse_strangers(pasted[0], sql)
    if ground is not None and sql and (pasted is None or pasted[0].engine == "postgresql"):
        return await explain_query(toolbox.postgres, sql, ground, toolbox.progress, known=pasted)
    if pasted is None:
        raise ToolError(
            "a query is planned on a schema: give `ddl` (and `rows` or `statistics`), `database`, or paste its plan"
        )
    explained = Explained(*pasted, sql=sql)
    if explained.plan.engine == "mongodb":
        explained.not_tested.append("indexes: none is built on a MongoDB here; the findings name the fields they need")
        return explained
    explained.not_tested.append("indexes and rewrites: they are tried on a schema; give `ddl` and the query in `sql`")
    explained.next_step = (
        "call again with `sql` and `ddl`: sizes are rebuilt from this plan, and advice is proven on them"
    )
    return explained


def _refuse_strangers(plan: Plan, sql: str) -> None:
    """A plan is of another query where that names none of its tables, nor a view that might hold them.

    Raises:
        ToolError: it is.
    """
    if plan.engine == "postgresql" and plan.tables and not any(name in sql.lower() for name in plan.tables):
        reads = ", ".join(sorted(plan.tables))
        raise ToolError(f"`plan` reads {reads}, which the query in `sql` does not name: is it its plan?")


def _pasted(given: Given) -> Provenance:
    return Provenance(PASTED.action, Basis.DERIVED, given.path)


async def _ground(request: ExplainQueryPlanRequest, given: Given, toolbox: Toolbox) -> Ground | None:
    """What to plan on; ``None`` where no schema was given."""
    if request.database and not request.ddl:
        from backend.plans.live import open_live

        async with open_live(toolbox.targets.database_url) as live:
            return await _ground_of_target(live, toolbox)
    if not request.ddl.strip():
        return None
    ddl = await ddl_of(toolbox.workspace, request.ddl)
    if request.statistics:
        return exported_ground(ddl, toolbox.workspace.read_text(request.statistics))
    if not request.rows and given.plan is not None and given.plan.engine == "postgresql":
        return rebuilt_ground(ddl, given.plan)
    return declared_ground(ddl, request.rows, today=toolbox.clock().date())


async def _ground_of_target(live: LiveDatabase, toolbox: Toolbox) -> Ground:
    ddl = await live.schema_sql(toolbox.postgres)
    statistics = await live.statistics()
    scans, identity = await live.index_use()
    return Ground(ddl, statistics, "the target's own statistics", assumed=False, scans=scans, identity=identity)


async def _live(request: ExplainQueryPlanRequest, given: Given, toolbox: Toolbox) -> Explained:
    """A query on the operator's database: its plan from there, its advice from the lab.

    Where planning alone would execute something that may act, its plan is the lab's as well.
    """
    from backend.plans.live import PlanningRefusedError, open_live

    if not given.queries:
        raise ToolError("`database` needs the query in `sql`, or a log or list of queries in `path`")
    sql, known, refused = given.queries[0], None, ""
    async with open_live(toolbox.targets.database_url) as live:
        await toolbox.progress(0, 4, "reading the target's plan")
        try:
            how = "EXPLAIN ANALYZE on the target" if request.analyze else "EXPLAIN on the target"
            known = (await live.explain(sql, execute=request.analyze), Provenance(how))
        except PlanningRefusedError as error:
            refused = f"the target's own plan: {error}"
        ground = await _ground_of_target(live, toolbox)
    explained = await explain_query(toolbox.postgres, sql, ground, toolbox.progress, known=known)
    explained.not_tested += [refused] if refused else []
    return explained


async def _on_sqlite(request: ExplainQueryPlanRequest, given: Given, toolbox: Toolbox) -> Explained:
    from backend.plans.sqlite_ground import sqlite_ground
    from backend.plans.sqlite_query import explain_sqlite_query

    if len(given.queries) > 1:
        raise ToolError("a workload is weighed by costs, which SQLite does not tell; give one query at a time")
    if request.statistics:
        raise ToolError("SQLite keeps its statistics in the database: give its file as `ddl`, or `rows`")
    ground = await sqlite_ground(toolbox.workspace, request.ddl, request.rows)
    return await explain_sqlite_query(
        given.queries[0], ground.ddl, ground.statistics, origin=ground.origin, assumed=ground.assumed
    )
