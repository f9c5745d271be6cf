"""One statement that writes every row of a table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from knowledge.ddl import enum_name, strings, table_name
from knowledge.report import Fix, Severity
from knowledge.rules.breaking.update_or_delete_without_where import suspect as overwrites
from knowledge.rules.observation import HOW, describe, executed
from knowledge.rules.rule import Confirmation, Hit, StatementContext, StatementRule


def suspect(context: StatementContext) -> Iterator[Hit]:
    """UPDATE of a table of before, without WHERE or only where the assigned column is NULL.

    Where it overwrites what old rows hold, the rule that says so speaks alone.
    """
    node = context.statement.node
    if node is None:  # too deeply nested to be read as a tree
        return
    table = table_name(node.relation)
    if table in context.created or not _fills_all(node) or any(overwrites(context)):
        return
    yield Hit(
        subject=table,
        message=f"writes every row of {table} in one transaction: each stays locked until the commit",
        statement=context.statement,
        detail=(table,),
    )


def _fills_all(node: Any) -> bool:
    if not node.HasField("where_clause"):
        return True
    test = node.where_clause.null_test
    if node.where_clause.WhichOneof("node") != "null_test" or enum_name(test, "nulltesttype") != "IS_NULL":
        return False
    assigned = {target.res_target.name for target in node.target_list}
    column = test.arg.column_ref.fields
    return bool(column) and bool(set(strings(column[-1:])) & assigned)


def confirm(hit: Hit, context: StatementContext) -> Confirmation | None:
    """Rows were written."""
    trace = context.trace
    if trace is None or not executed(context):
        return None
    seen = describe(trace, hit.detail[0])
    return Confirmation(
        f"{HOW}, and read the row count and pg_current_wal_insert_lsn",
        f"{trace.rows} of the rows at hand written and locked, {trace.wal_bytes:,} bytes of WAL"
        + (f"; {seen}" if seen else ""),
    )


def remedy(hit: Hit, context: StatementContext) -> Fix | None:
    """Batches by key."""
    return Fix(
        summary="Write in batches of some thousand keys, each in a transaction of its own, outside the migration"
    )


SETUP = "CREATE TABLE t (id bigint PRIMARY KEY);\nINSERT INTO t VALUES (1), (2);\n-- setup ends\n"

RULE = StatementRule(
    id="unbatched-backfill",
    claim="Filling a column of a whole table by one UPDATE locks every row until the transaction ends.",
    family="locks",
    severity=Severity.MEDIUM,
    why=(
        "Writers of any of those rows wait for the commit, the WAL and the dead rows are as large as the table, and a "
        "rollback throws all of the work away."
    ),
    unless="The table is created in the same migration, or is known to stay small.",
    failing=f"{SETUP}ALTER TABLE t ADD COLUMN n int;\nUPDATE t SET n = 0;",
    passing=f"{SETUP}ALTER TABLE t ADD COLUMN n int;\nUPDATE t SET n = 0 WHERE id BETWEEN 1 AND 1000 AND n IS NULL;",
    sources=("https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-ROWS",),
    fix_safety="review",
    kinds=frozenset({"UpdateStmt"}),
    suspect=suspect,
    confirm=confirm,
    remedy=remedy,
)
