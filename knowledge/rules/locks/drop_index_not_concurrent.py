"""Indexes dropped under a lock that stops reads too."""

from __future__ import annotations

from collections.abc import Iterator

import postgast

from knowledge.ddl import enum_name, plain, strings
from knowledge.report import Fix, Severity, Step
from knowledge.rules.observation import HOW, describe, executed, others_see
from knowledge.rules.rule import Confirmation, Hit, StatementContext, StatementRule
from knowledge.trace import Lock, LockMode


def suspect(context: StatementContext) -> Iterator[Hit]:
    """DROP INDEX without CONCURRENTLY."""
    node = context.statement.node
    if enum_name(node, "remove_type") != "OBJECT_INDEX" or node.concurrent:
        return
    names = [".".join(strings(item.list.items)) for item in node.objects]
    yield Hit(
        subject=names[0],
        message=f"drops index {', '.join(names)} under a lock on its table that stops reads and writes",
        statement=context.statement,
        detail=tuple(names),
    )


def confirm(hit: Hit, context: StatementContext) -> Confirmation | None:
    """A table that others can see was locked exclusively."""
    trace = context.trace
    if trace is None or not executed(context):
        return None
    for lock in trace.locks:
        if _stops_readers(lock) and others_see(context, lock.relation):
            return Confirmation(HOW, describe(trace, plain(lock.relation)))
    return None


def _stops_readers(lock: Lock) -> bool:
    return not lock.is_index and lock.mode is LockMode.ACCESS_EXCLUSIVE


def remedy(hit: Hit, context: StatementContext) -> Fix | None:
    """The same drop, concurrently; it takes one index at a time and no CASCADE."""
    node = context.statement.node
    if enum_name(node, "behavior") == "DROP_CASCADE":
        return None
    steps = []
    for index in node.objects:
        tree = postgast.ParseResult(version=180000)
        dropped = tree.stmts.add().stmt.drop_stmt
        dropped.CopyFrom(node)
        del dropped.objects[:]
        dropped.objects.add().CopyFrom(index)
        dropped.concurrent = True
        steps.append(Step(sql=postgast.deparse(tree), alone=True))
    return Fix(summary="Drop it concurrently, in a migration that runs outside a transaction", steps=steps)


SETUP = (
    "CREATE TABLE t (id bigint PRIMARY KEY, n int);\nINSERT INTO t VALUES (1, 1);\n"
    "CREATE INDEX t_n_idx ON t (n);\n-- setup ends\n"
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
    unless="The table is created in the same migration.",
    failing=f"{SETUP}DROP INDEX t_n_idx;",
    passing=f"{SETUP}DROP INDEX CONCURRENTLY t_n_idx;",
    sources=("https://www.postgresql.org/docs/current/sql-dropindex.html",),
    fix_safety="safe",
    kinds=frozenset({"DropStmt"}),
    suspect=suspect,
    confirm=confirm,
    remedy=remedy,
)
