"""CONCURRENTLY inside a transaction block, which PostgreSQL refuses."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.ddl import commands, definition
from knowledge.report import Fix, Severity, Step
from knowledge.rules.failures._errors import failed_with
from knowledge.rules.rule import Confirmation, Hit, StatementContext, StatementRule
from knowledge.statement import Statement

DETACH = "AT_DetachPartition"
WORDS = {
    "IndexStmt": "CREATE INDEX",
    "DropStmt": "DROP INDEX",
    "ReindexStmt": "REINDEX",
    "AlterTableStmt": "DETACH PARTITION",
}


def suspect(context: StatementContext) -> Iterator[Hit]:
    """A concurrent index build, drop or rebuild, or a concurrent DETACH, where a transaction is open."""
    if context.in_transaction and is_concurrent(context.statement):
        yield Hit(
            subject=WORDS[context.statement.kind],
            message="fails: CONCURRENTLY cannot run inside a transaction, and this migration runs in one",
            statement=context.statement,
        )


def is_concurrent(statement: Statement) -> bool:
    """Whether the statement says CONCURRENTLY and therefore runs outside transactions only."""
    node = statement.node
    if statement.kind == "ReindexStmt":
        return any(item.def_elem.defname == "concurrently" for item in node.params)
    if statement.kind == "AlterTableStmt":
        return any(definition(command).partition_cmd.concurrent for kind, command in commands(node) if kind == DETACH)
    return bool(node.concurrent)


def confirm(hit: Hit, context: StatementContext) -> Confirmation | None:
    """Error 25001, active_sql_transaction."""
    return failed_with(context, "25001")


def remedy(hit: Hit, context: StatementContext) -> Fix | None:
    """A migration of its own that the tool runs outside a transaction."""
    return Fix(
        summary="Move it into a migration of its own that runs outside a transaction: every tool has a switch for that",
        steps=[Step(sql=context.statement.sql, alone=True)],
    )


SETUP = "CREATE TABLE t (id bigint PRIMARY KEY, n int);\nINSERT INTO t VALUES (1, 1);\n-- setup ends\n"

RULE = StatementRule(
    id="concurrently-in-transaction",
    claim="CREATE INDEX, DROP INDEX, REINDEX and DETACH PARTITION with CONCURRENTLY fail inside a transaction block.",
    family="failures",
    severity=Severity.HIGH,
    why="They commit several times on their way and wait for other transactions, which no open transaction allows.",
    unless="The migration tool runs this file outside a transaction.",
    failing=f"{SETUP}BEGIN;\nCREATE INDEX CONCURRENTLY t_n_idx ON t (n);\nCOMMIT;",
    passing=f"{SETUP}CREATE INDEX CONCURRENTLY t_n_idx ON t (n);",
    sources=("https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY",),
    fix_safety="review",
    kinds=frozenset(WORDS),
    parts=frozenset({DETACH}),
    suspect=suspect,
    confirm=confirm,
    remedy=remedy,
)
