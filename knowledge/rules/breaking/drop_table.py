"""Tables dropped while somebody may still use them."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.report import Fix, Severity
from knowledge.rules.breaking._tree import confirm_by_catalog, dropped_names, enum_name
from knowledge.rules.observation import executed
from knowledge.rules.rule import Confirmation, Hit, StatementContext, StatementRule


def suspect(context: StatementContext) -> Iterator[Hit]:
    """Each table named in DROP TABLE that the same script did not create."""
    node = context.statement.node
    if enum_name(node, "remove_type") != "OBJECT_TABLE":
        return
    for table in dropped_names(node):
        if table not in context.created:
            yield Hit(
                subject=table,
                message=f"drops {table} with all its rows; code that still uses it fails at once",
                statement=context.statement,
            )


def confirm(hit: Hit, context: StatementContext) -> Confirmation | None:
    """The table was there and is not any more."""
    table = context.before.by_name.get(hit.subject)
    if not executed(context) or table is None or hit.subject in context.after.by_name:
        return None
    return confirm_by_catalog(context, f"{hit.subject} ({len(table.columns)} columns) existed before and is gone")


def remedy(hit: Hit, context: StatementContext) -> Fix | None:
    """Order of work; no SQL can make the same change harmless."""
    return Fix(
        summary=(
            f"Release code that does not use {hit.subject}, rename the table out of the way for "
            "a while to see "
            "that nothing misses it, keep a dump, and drop it then"
        )
    )


RULE = StatementRule(
    id="drop-table",
    claim="Dropping a table breaks every running query on it and loses its rows.",
    family="breaking",
    severity=Severity.HIGH,
    why=(
        "Old code that still runs during the deployment fails, CASCADE silently removes views "
        "and foreign keys "
        "elsewhere, and no down migration brings the rows back."
    ),
    unless="No released version has used the table for at least one deployment.",
    failing=(
        "CREATE TABLE users (id bigint PRIMARY KEY);\n"
        "CREATE TABLE posts (id bigint PRIMARY KEY, user_id bigint REFERENCES users (id));\n"
        "-- setup ends\n"
        "DROP TABLE users CASCADE;"
    ),
    passing=(
        "CREATE TABLE users (id bigint PRIMARY KEY);\n"
        "-- setup ends\n"
        "DROP TABLE IF EXISTS audit_log;\n"
        "CREATE TABLE users_import (id bigint PRIMARY KEY);\n"
        "DROP TABLE users_import;"
    ),
    sources=("https://www.postgresql.org/docs/current/sql-droptable.html",),
    fix_safety="review",
    kinds=frozenset({"DropStmt"}),
    suspect=suspect,
    confirm=confirm,
    remedy=remedy,
)
