"""TRUNCATE in a migration."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.report import Fix, Severity
from knowledge.rules.breaking._tree import enum_name, table_name
from knowledge.rules.observation import executed
from knowledge.rules.rule import Confirmation, Hit, StatementContext, StatementRule


def suspect(context: StatementContext) -> Iterator[Hit]:
    """Each table named in TRUNCATE that the same script did not create."""
    node = context.statement.node
    cascade = enum_name(node, "behavior") == "DROP_CASCADE"
    for item in node.relations:
        table = table_name(item.range_var)
        if table in context.created or item.range_var.relpersistence == "t":
            continue
        also = " and of every table that references it" if cascade else ""
        yield Hit(
            subject=table,
            message=f"removes all rows of {table}{also}; nothing brings them back",
            statement=context.statement,
        )


def confirm(hit: Hit, context: StatementContext) -> Confirmation | None:
    """The table's file was replaced by an empty one; with CASCADE also those of others."""
    trace = context.trace
    if trace is None or not executed(context):
        return None
    indexes = {f"{table.schema}.{index.name}" for table in context.before.tables for index in table.indexes}
    emptied = [name for name in trace.rewrites if name not in indexes and not name.startswith("pg_toast")]
    locked = [f"{lock.relation} {lock.mode.value}" for lock in trace.locks if not lock.is_index]
    return Confirmation(
        "executed it and compared the files of all tables",
        f"replaced by empty files: {', '.join(emptied) or hit.subject}; locks held: {', '.join(locked)}",
    )


def remedy(hit: Hit, context: StatementContext) -> Fix | None:
    """Order of work; no SQL can make the same change harmless."""
    return Fix(
        summary=(
            f"Rename {hit.subject} and create an empty one in its place, so that the rows can be kept until "
            "nobody needs them; or delete in batches with a condition"
        )
    )


RULE = StatementRule(
    id="truncate",
    claim="TRUNCATE removes every row at once, for everybody, under ACCESS EXCLUSIVE.",
    family="breaking",
    severity=Severity.HIGH,
    why=(
        "It does not run DELETE triggers, CASCADE reaches tables that are not named, and "
        "transactions with an "
        "older snapshot see the table empty. In a migration it is usually meant for a test database."
    ),
    unless="The table is a cache or a staging area that is filled again from elsewhere.",
    failing=(
        "CREATE TABLE sessions (id bigint PRIMARY KEY);\n"
        "INSERT INTO sessions VALUES (1), (2);\n"
        "-- setup ends\n"
        "TRUNCATE sessions;"
    ),
    passing=(
        "CREATE TABLE sessions (id bigint PRIMARY KEY);\n"
        "INSERT INTO sessions VALUES (1), (2);\n"
        "-- setup ends\n"
        "CREATE TEMP TABLE staging (id bigint);\n"
        "TRUNCATE staging;"
    ),
    sources=("https://www.postgresql.org/docs/current/sql-truncate.html",),
    fix_safety="review",
    kinds=frozenset({"TruncateStmt"}),
    suspect=suspect,
    confirm=confirm,
    remedy=remedy,
)
