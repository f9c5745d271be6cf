"""What a request gives: told apart, read, and checked for contradictions before anything is started."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from backend.plans.ground import SQLITE_SUFFIXES
from backend.workspace import Workspace
from knowledge.formats import query_logs
from knowledge.formats.plans import PlanSyntaxError
from knowledge.formats.plans import read as read_plan
from knowledge.formats.postgres_sql import read as read_sql
from knowledge.plan.model import Plan
from knowledge.query_log.model import QueryLog
from tools.spec import ToolError

if TYPE_CHECKING:
    from tools.explain_query_plan import ExplainQueryPlanRequest

ENGINES = ("postgresql", "sqlite")


@dataclass(frozen=True)
class Given:
    """The parts of a request that are texts, read."""

    queries: tuple[str, ...] = ()
    plan: Plan | None = None
    older: Plan | None = None
    log: QueryLog | None = None
    path: str = ""
    """The file the plan, the queries or the log came from."""


def given_by(request: ExplainQueryPlanRequest, workspace: Workspace) -> Given:
    """Read a request.

    Raises:
        ToolError: it contradicts itself, or a text in it cannot be read.
        WorkspaceError: a path is refused.
    """
    _check(request)
    found = Given(
        queries=_queries(request.sql) if request.sql.strip() else (),
        plan=_plan(request.plan, "plan") if request.plan.strip() else None,
        older=_plan(request.older_plan, "older_plan") if request.older_plan.strip() else None,
    )
    return _from_file(found, request.path, workspace) if request.path else found


def _check(request: ExplainQueryPlanRequest) -> None:
    if request.engine not in ENGINES:
        raise ToolError(f"engine {request.engine!r} is not available; use one of: {', '.join(ENGINES)}")
    if not (request.sql.strip() or request.plan.strip() or request.path or request.database):
        raise ToolError(
            "nothing to explain: give `sql` with `ddl`, a pasted `plan`, or `path` of queries, a plan or a log"
        )
    if request.older_plan.strip() and not (request.plan.strip() or request.path):
        raise ToolError("`older_plan` is compared with `plan`: give both")
    if request.analyze and not request.database:
        raise ToolError("`analyze` executes the query on the operator's database: it needs `database`")
    if request.statistics and request.rows:
        raise ToolError("`statistics` and `rows` both say how large the tables are; give one of them")


def _from_file(found: Given, path: str, workspace: Workspace) -> Given:
    """What a file holds, told by its text: a log, a plan, or queries."""
    text = workspace.read_text(path)
    if query_logs.looks_like_log(text):
        try:
            return replace(found, log=query_logs.read(text), path=path)
        except query_logs.QueryLogError as error:
            raise ToolError(f"{path}: {error}") from None
    if path.lower().endswith(".sql") and not text.lstrip().upper().startswith("EXPLAIN"):
        return replace(found, queries=_queries(text, path), path=path)
    try:
        return replace(found, plan=read_plan(text), path=path)
    except PlanSyntaxError as not_a_plan:
        script = read_sql(text, path)
        if not script.statements or script.problems:
            raise ToolError(f"{path} is no log, no SQL and no plan that can be read: {not_a_plan}") from None
        return replace(found, queries=tuple(each.sql for each in script.statements), path=path)


def _plan(text: str, field: str) -> Plan:
    try:
        return read_plan(text)
    except PlanSyntaxError as error:
        raise ToolError(f"{field}: {error}") from None


def _queries(text: str, path: str = "sql") -> tuple[str, ...]:
    script = read_sql(text, path)
    if script.problems and not script.statements:
        problem = script.problems[0]
        raise ToolError(f"{problem.location}: {problem.message}")
    return tuple(statement.sql for statement in script.statements) or (text,)


def is_sqlite(request: ExplainQueryPlanRequest) -> bool:
    """Whether the query is for SQLite: said so, or by the file its schema lies in."""
    return request.engine == "sqlite" or any(request.ddl.lower().endswith(suffix) for suffix in SQLITE_SUFFIXES)
