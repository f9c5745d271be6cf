"""``explain_query_plan``: what a query does, what is wrong with it, and what was tried and helped."""

from __future__ import annotations

from pydantic import Field

from knowledge.report import Report
from tools.spec import Request, ToolSpec
from tools.toolbox import Toolbox


class ExplainQueryPlanRequest(Request):
    """A query with its schema, a pasted plan, two plans to compare, or a log or list of queries."""

    sql: str = Field("", description="a query, or several (a workload)")
    plan: str = Field("", description="EXPLAIN output, any notation; also SQLite, MongoDB")
    older_plan: str = Field("", description="plan to compare it with")
    path: str = Field("", description="file with SQL, a plan or a query log")
    ddl: str = Field("", description="DDL, or path of it, of migrations or SQLite")
    rows: list[str] = Field(default_factory=list, description="table=rows, as in orders=2M")
    statistics: str = Field("", description="path of exported statistics")
    database: bool = Field(False, description="the operator's, read-only")
    analyze: bool = Field(False, description="run it there if it only reads")
    engine: str = Field("postgresql", description="or sqlite")
    budget_mb: int = Field(500, ge=1, description="for a workload's indexes")


async def run(request: ExplainQueryPlanRequest, toolbox: Toolbox) -> Report:
    """Explain a query, a plan or a workload.

    Raises:
        ToolError: the request contradicts itself, or something in it cannot be read.
    """
    from tools.explain_query_plan.answering import answer

    return toolbox.runs.keep(await answer(request, toolbox))


TOOL = ToolSpec(
    name="explain_query_plan",
    title="Explain a query plan",
    description=(
        "What a plan does, what in it costs, and which index or rewrite helps: each built and re-planned at production "
        "scale from statistics or row counts; rewrites must return equal rows. Finds N+1 in logs. Plans, never runs "
        "unless analyze."
    ),
    request=ExplainQueryPlanRequest,
    run=run,
    toolset="plans",
    view="plan",
)
