"""Materialized views refreshed while their readers wait."""

from __future__ import annotations

from collections.abc import Iterator

import postgast

from knowledge.ddl import table_name
from knowledge.report import Fix, Severity, Step
from knowledge.rules.observation import HOW, describe, executed
from knowledge.rules.rule import Confirmation, Hit, StatementContext, StatementRule
from knowledge.trace import LockMode


def suspect(context: StatementContext) -> Iterator[Hit]:
    """REFRESH MATERIALIZED VIEW without CONCURRENTLY."""
    node = context.statement.node
    name = table_name(node.relation)
    if not node.concurrent and name not in context.created:
        yield Hit(
            subject=name,
            message=f"refreshes {name} while its readers wait",
            statement=context.statement,
            detail=(name,),
        )


def confirm(hit: Hit, context: StatementContext) -> Confirmation | None:
    """The view was locked exclusively."""
    trace = context.trace
    if trace is None or not executed(context):
        return None
    exclusive = any(lock.mode is LockMode.ACCESS_EXCLUSIVE for lock in trace.locks)
    return Confirmation(HOW, describe(trace, hit.subject)) if exclusive else None


def remedy(hit: Hit, context: StatementContext) -> Fix | None:
    """The same refresh, concurrently; it needs a unique index over the view."""
    if context.statement.node.skip_data:
        return None
    tree = postgast.parse(context.statement.sql)
    tree.stmts[0].stmt.refresh_mat_view_stmt.concurrent = True
    return Fix(
        summary="Refresh it concurrently; the view needs a unique index on plain columns for that",
        steps=[Step(sql=postgast.deparse(tree))],
    )


SETUP = (
    "CREATE TABLE t (id bigint PRIMARY KEY);\nINSERT INTO t VALUES (1);\n"
    "CREATE MATERIALIZED VIEW v AS SELECT id FROM t;\nCREATE UNIQUE INDEX v_id ON v (id);\n-- setup ends\n"
)

RULE = StatementRule(
    id="refresh-materialized-view-blocks",
    claim="REFRESH MATERIALIZED VIEW stops all readers of the view while its query runs.",
    family="locks",
    severity=Severity.MEDIUM,
    why="The new contents are put in place under ACCESS EXCLUSIVE, which is taken before the query starts.",
    unless="Nobody reads the view yet.",
    failing=f"{SETUP}REFRESH MATERIALIZED VIEW v;",
    passing=f"{SETUP}REFRESH MATERIALIZED VIEW CONCURRENTLY v;",
    sources=("https://www.postgresql.org/docs/current/sql-refreshmaterializedview.html",),
    fix_safety="review",
    kinds=frozenset({"RefreshMatViewStmt"}),
    suspect=suspect,
    confirm=confirm,
    remedy=remedy,
)
