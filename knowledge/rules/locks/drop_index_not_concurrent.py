"""Indexes dropped under a lock that stops reads too."""

from __future__ import annotations

from collections.abc import Iterator

import postgast

from knowledge.ddl import enum_name, plain, strings
from knowledge.report import Fix, Severity, Step
from knowledge.rules.observation import HOW, describe, executed
from knowledge.rules.rule import Confirmation, Hit, StatementContext, StatementRule
from knowledge.trace import LockMode


def suspect(context: StatementContext) -> Iterator[Hit]:
    """DROP INDEX without CONCURRENTLY."""
    node = context.statement.node
    if enum_name(node, "remove_type") != "OBJECT_INDEX" or node.concurrent:
        return
    for item in node.objects:
        name = ".".join(strings(item.list.items))
        yield Hit(
            subject=name,
            message=f"drops index {name} under a lock on its table that stops reads and writes",
            statement=context.statement,
            detail=(name,),
        )


def confirm(hit: Hit, context: StatementContext) -> Confirmation | None:
    """A table that still exists was locked exclusively."""
    trace = context.trace
    if trace is None or not executed(context):
        return None
    for lock in trace.locks:
        if not lock.is_index and lock.mode is LockMode.ACCESS_EXCLUSIVE:
            return Confirmation(HOW, describe(trace, plain(lock.relation)))
    return None


def remedy(hit: Hit, context: StatementContext) -> Fix | None:
    """The same drop, concurrently; it takes one index at a time and no CASCADE."""
    node = context.statement.node
    if len(node.objects) != 1 or enum_name(node, "behavior") == "DROP_CASCADE":
        return None
    tree = postgast.parse(context.statement.sql)
    tree.stmts[0].stmt.drop_stmt.concurrent = True
    return Fix(
        summary="Drop it concurrently, outside a transaction",
        steps=[Step(sql=postgast.deparse(tree), alone=True)],
    )


RULE = StatementRule(
    id="drop-index-not-concurrent",
    claim="DROP INDEX waits for, and then stops, every query on the table.",
    family="locks",
    severity=Severity.MEDIUM,
    why=(
        "The drop itself is instant, but its ACCESS EXCLUSIVE lock waits behind the longest running query, and "
        "while it waits every new query on the table waits behind it."
    ),
    unless="The table is dropped in the same migration.",
    failing=(
        "CREATE TABLE t (id bigint PRIMARY KEY, n int);\nCREATE INDEX t_n_idx ON t (n);\n"
        "-- setup ends\nDROP INDEX t_n_idx;"
    ),
    passing=(
        "CREATE TABLE t (id bigint PRIMARY KEY, n int);\nCREATE INDEX t_n_idx ON t (n);\n"
        "-- setup ends\nDROP INDEX CONCURRENTLY t_n_idx;"
    ),
    sources=("https://www.postgresql.org/docs/current/sql-dropindex.html",),
    fix_safety="safe",
    kinds=frozenset({"DropStmt"}),
    suspect=suspect,
    confirm=confirm,
    remedy=remedy,
)
