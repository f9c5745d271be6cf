"""One statement that writes every row of a table."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.ddl import table_name
from knowledge.report import Fix, Severity
from knowledge.rules.observation import executed
from knowledge.rules.rule import Confirmation, Hit, StatementContext, StatementRule


def suspect(context: StatementContext) -> Iterator[Hit]:
    """UPDATE or DELETE of a table of before, without WHERE."""
    node = context.statement.node
    table = table_name(node.relation)
    if not node.HasField("where_clause") and table not in context.created:
        yield Hit(
            subject=table,
            message=f"writes every row of {table} in one transaction: each stays locked until the commit",
            statement=context.statement,
            detail=(table,),
        )


def confirm(hit: Hit, context: StatementContext) -> Confirmation | None:
    """Rows were written, or the table was scanned to find them."""
    trace = context.trace
    if trace is None or not executed(context):
        return None
    return Confirmation(
        "executed it and read the command's row count and pg_current_wal_insert_lsn",
        f"{trace.rows} of the seeded rows written and locked, {trace.wal_bytes:,} bytes of WAL",
    )


def remedy(hit: Hit, context: StatementContext) -> Fix | None:
    """Batches by key."""
    return Fix(
        summary="Write in batches of some thousand keys, each in a transaction of its own, outside the migration"
    )


SETUP = "CREATE TABLE t (id bigint PRIMARY KEY, n int);\nINSERT INTO t VALUES (1, 1), (2, 2);\n-- setup ends\n"

RULE = StatementRule(
    id="unbatched-backfill",
    claim="A whole-table UPDATE or DELETE locks every row until the transaction ends.",
    family="locks",
    severity=Severity.MEDIUM,
    why=(
        "Writers of any of those rows wait for the commit, the WAL and the dead rows are as large as the table, and a "
        "rollback throws all of the work away."
    ),
    unless="The table is created in the same migration, or is known to stay small.",
    failing=f"{SETUP}UPDATE t SET n = 0;",
    passing=f"{SETUP}UPDATE t SET n = 0 WHERE id BETWEEN 1 AND 1000;",
    sources=("https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-ROWS",),
    fix_safety="review",
    kinds=frozenset({"UpdateStmt", "DeleteStmt"}),
    suspect=suspect,
    confirm=confirm,
    remedy=remedy,
)
