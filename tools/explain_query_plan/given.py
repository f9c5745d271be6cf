"""What a request gives: told apart, read, and checked for contradictions before anything is started."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from backend.plans.ground import SQLITE_SUFFIXES
from backend.workspace import Workspace
from knowledge.formats import query_logs
from knowledge.formats.plans import PlanSyntaxError
from knowledge.formats.plans import read as read_plan
from knowledge.formats.postgres_sql import read as read_sql
from knowledge.formats.sqlite_sql import META as SQLITE_META
from knowledge.formats.sqlite_sql import read as read_sqlite_sql
from knowledge.plan.model import Plan
from knowledge.query_log.model import QueryLog
from knowledge.query_log.placeholders import numbered
from knowledge.statement import Script, Statement
from tools.spec import ToolError

if TYPE_CHECKING:
    from tools.explain_query_plan import ExplainQueryPlanRequest

ENGINES = ("postgresql", "sqlite")
SHELL = frozenset({"PsqlMeta", SQLITE_META})
"""Kinds of what is said to psql or the sqlite3 shell, not to the database."""
EXPLAIN = re.compile(r"\AEXPLAIN\b\s*(?:\([^()]*\)\s*|QUERY\s+PLAN\s+|(?:(?:ANALY[SZ]E|VERBOSE)\b\s*)*)", re.IGNORECASE)


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
    _check_sources(request)
    reads = read_sqlite_sql if is_sqlite(request) else read_sql
    found = Given(
        queries=_queries(_with_placeholders(request.sql, reads)) if request.sql.strip() else (),
        plan=_plan(request.plan, "plan") if request.plan.strip() else None,
        older=_plan(request.older_plan, "older_plan") if request.older_plan.strip() else None,
    )
    whole = _from_file(found, request.path, workspace, reads) if request.path else found
    if whole.older is not None and whole.plan is None:
        raise ToolError(f"`older_plan` is compared with a plan, and {request.path} holds no plan")
    if request.analyze and (whole.log is not None or len(whole.queries) > 1):
        raise ToolError(f"not executed: `analyze` executes one statement, and here are {_count(whole)}")
    return whole


def _with_placeholders(sql: str, reads: Callable[..., Script]) -> Script:
    """The statements; where placeholders of a library (``%s``, ``:name``) are in the way, with PostgreSQL's."""
    script = reads(sql, "sql")
    renamed = numbered(sql)
    if script.problems and renamed != sql:
        again = reads(renamed, "sql")
        return script if again.problems else again
    return script


def _count(given: Given) -> str:
    return "those of a log" if given.log is not None else str(len(given.queries))


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


def _check_sources(request: ExplainQueryPlanRequest) -> None:
    """One source for each thing: what would be passed over in silence is refused."""
    if request.statistics and request.rows:
        raise ToolError("`statistics` and `rows` both say how large the tables are; give one of them")
    twice = [name for name in ("plan", "ddl", "statistics", "rows") if getattr(request, name)]
    if request.database and twice:
        raise ToolError(f"`database` gives plans, schema and statistics itself; leave out `{'`, `'.join(twice)}`")
    if request.database and request.engine != "postgresql":
        raise ToolError("`database` is a PostgreSQL database; for SQLite give the path of its file as `ddl`")


def _from_file(found: Given, path: str, workspace: Workspace, reads: Callable[..., Script]) -> Given:
    """What a file holds, told by its text: a log, a plan, or queries.

    Raises:
        ToolError: it cannot be read, or holds what was given already.
    """
    text = workspace.read_text(path)
    if not text.strip():
        raise ToolError(f"{path} is empty")
    if query_logs.looks_like_log(text):
        try:
            return replace(found, log=query_logs.read(text), path=path)
        except query_logs.QueryLogError as error:
            raise ToolError(f"{path}: {error}") from None
    if path.lower().endswith(".sql") and not text.lstrip().upper().startswith("EXPLAIN"):
        return _with_queries(found, _queries(reads(text, path), path), path)
    try:
        plan = read_plan(text)
    except PlanSyntaxError as not_a_plan:
        script = reads(text, path)
        if not script.statements or script.problems:
            raise ToolError(f"{path} is no log, no SQL and no plan that can be read: {not_a_plan}") from None
        return _with_queries(found, _queries(script, path), path)
    if found.plan is not None:
        raise ToolError(f"`plan` and {path} both hold a plan; give one, or the one before as `older_plan`")
    return replace(found, plan=plan, path=path)


def _with_queries(found: Given, queries: tuple[str, ...], path: str) -> Given:
    if found.queries:
        raise ToolError(f"`sql` and {path} both hold queries; give one of them")
    return replace(found, queries=queries, path=path)


def _plan(text: str, field: str) -> Plan:
    try:
        return read_plan(text)
    except PlanSyntaxError as error:
        raise ToolError(f"{field}: {error}") from None


def _queries(script: Script, path: str = "sql") -> tuple[str, ...]:
    if script.problems:
        problem = script.problems[0]
        raise ToolError(f"{problem.location}: {problem.message}")
    found = tuple(_explained(each) for each in script.statements if each.kind not in SHELL)
    if not found:
        raise ToolError(f"{path} holds no statement")
    return found


def _explained(statement: Statement) -> str:
    """The statement itself, where somebody pastes it with the EXPLAIN they tried."""
    return EXPLAIN.sub("", statement.sql, count=1) if statement.kind in ("ExplainStmt", "Explain") else statement.sql


def is_sqlite(request: ExplainQueryPlanRequest) -> bool:
    """Whether the query is for SQLite: said so, or by the file its schema lies in."""
    return request.engine == "sqlite" or any(request.ddl.lower().endswith(suffix) for suffix in SQLITE_SUFFIXES)
