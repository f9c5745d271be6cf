"""Columns dropped while somebody may still use them."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.report import Fix, Severity
from knowledge.rules.breaking._tree import confirm_by_catalog, enum_name, table_name
from knowledge.rules.observation import executed
from knowledge.rules.rule import Confirmation, Hit, StatementContext, StatementRule


def suspect(context: StatementContext) -> Iterator[Hit]:
    """Each DROP COLUMN on a table that the same script did not create."""
    node = context.statement.node
    table = table_name(node.relation)
    if table in context.created:
        return
    for item in node.cmds:
        command = item.alter_table_cmd
        if enum_name(command, "subtype") == "AT_DropColumn":
            yield Hit(
                subject=f"{table}.{command.name}",
                message=(f"drops {table}.{command.name}: its data is lost, and code that still names it fails at once"),
                statement=context.statement,
                detail=(table, command.name),
            )


def confirm(hit: Hit, context: StatementContext) -> Confirmation | None:
    """The column was there and is not any more."""
    if not executed(context):
        return None
    table, name = hit.detail
    before, after = context.before.by_name.get(table), context.after.by_name.get(table)
    column = before.column(name) if before else None
    if column is None or (after is not None and after.column(name) is not None):
        return None
    indexes = [index.name for index in before.indexes if name in index.columns] if before else []
    note = f"indexes on it went too: {', '.join(indexes)}" if indexes else ""
    was = f"{hit.subject} ({column.type}{'' if column.nullable else ' NOT NULL'}) existed before and is gone"
    return confirm_by_catalog(context, was, note)


def remedy(hit: Hit, context: StatementContext) -> Fix | None:
    """Order of work; no SQL can make the same change harmless."""
    return Fix(
        summary=(
            f"Release code that neither reads nor writes {hit.subject} (and drop its NOT NULL so "
            "that inserts "
            "without it pass), wait until no old process runs, keep a copy of the data, and drop it then"
        )
    )


RULE = StatementRule(
    id="drop-column",
    claim="Dropping a column breaks every running query that names it and loses its data.",
    family="breaking",
    severity=Severity.HIGH,
    why=(
        "During a deployment old and new code run side by side. Statements that name the column "
        "fail, ORMs that "
        "list every column fail on each read, prepared plans that use SELECT * fail, and no down migration "
        "brings the values back."
    ),
    unless="No released version has named the column for at least one deployment.",
    failing=(
        "CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, nickname text);\n"
        "INSERT INTO users VALUES (1, 'a@example.com', 'a');\n"
        "-- setup ends\n"
        "ALTER TABLE users DROP COLUMN nickname;"
    ),
    passing=(
        "CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, nickname text NOT NULL);\n"
        "INSERT INTO users VALUES (1, 'a@example.com', 'a');\n"
        "-- setup ends\n"
        "ALTER TABLE users ALTER COLUMN nickname DROP NOT NULL;"
    ),
    sources=("https://www.postgresql.org/docs/current/sql-altertable.html",),
    fix_safety="review",
    kinds=frozenset({"AlterTableStmt"}),
    suspect=suspect,
    confirm=confirm,
    remedy=remedy,
)
