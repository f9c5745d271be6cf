"""Columns renamed under running code."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.report import Fix, Severity
from knowledge.rules.breaking._tree import confirm_by_catalog, enum_name, table_name
from knowledge.rules.observation import executed
from knowledge.rules.rule import Confirmation, Hit, StatementContext, StatementRule


def suspect(context: StatementContext) -> Iterator[Hit]:
    """RENAME COLUMN on a table that the same script did not create."""
    node = context.statement.node
    table = table_name(node.relation)
    if enum_name(node, "rename_type") != "OBJECT_COLUMN" or table in context.created:
        return
    if enum_name(node, "relation_type") != "OBJECT_TABLE":
        return
    yield Hit(
        subject=f"{table}.{node.subname}",
        message=(f"renames {table}.{node.subname} to {node.newname}: old code fails after it, new code before it"),
        statement=context.statement,
        detail=(table, node.subname, node.newname),
    )


def confirm(hit: Hit, context: StatementContext) -> Confirmation | None:
    """The catalog has the new name and no longer the old one."""
    table, old, new = hit.detail
    before, after = context.before.by_name.get(table), context.after.by_name.get(table)
    if not executed(context) or before is None or after is None:
        return None
    if before.column(old) is None or after.column(old) is not None or after.column(new) is None:
        return None
    return confirm_by_catalog(context, f"{table} has a column {new} and none called {old} any more")


def remedy(hit: Hit, context: StatementContext) -> Fix | None:
    """Expand and contract."""
    table, old, new = hit.detail
    return Fix(
        summary=(
            f"Add {new}, keep {old} and {new} equal with a trigger, fill {new} in batches, release code that "
            f"uses {new}, then drop {old}; or keep the column's name in {table} and map it in the application"
        )
    )


RULE = StatementRule(
    id="rename-column",
    claim="Renaming a column breaks either the old or the new version of the application.",
    family="breaking",
    severity=Severity.HIGH,
    why=(
        "There is no moment at which both versions work: code released before the rename does "
        "not know the new "
        "name, code released after it does not find the old one, and a rolling deployment runs both."
    ),
    unless="The application is stopped during the migration, or reads the table through a view.",
    failing=(
        "CREATE TABLE users (id bigint PRIMARY KEY, name text NOT NULL);\n"
        "-- setup ends\n"
        "ALTER TABLE users RENAME COLUMN name TO full_name;"
    ),
    passing=(
        "CREATE TABLE users (id bigint PRIMARY KEY, name text NOT NULL);\n"
        "-- setup ends\n"
        "ALTER TABLE users ADD COLUMN full_name text;"
    ),
    sources=("https://www.postgresql.org/docs/current/sql-altertable.html",),
    fix_safety="review",
    kinds=frozenset({"RenameStmt"}),
    suspect=suspect,
    confirm=confirm,
    remedy=remedy,
)
