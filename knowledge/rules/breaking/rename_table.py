"""Tables renamed under running code."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.identifiers import qualified
from knowledge.report import Fix, Severity, Step
from knowledge.rules.breaking._tree import confirm_by_catalog, enum_name, table_name
from knowledge.rules.observation import executed
from knowledge.rules.rule import Confirmation, Hit, StatementContext, StatementRule


def suspect(context: StatementContext) -> Iterator[Hit]:
    """ALTER TABLE ... RENAME TO, unless the script leaves a view under the old name."""
    node = context.statement.node
    if enum_name(node, "rename_type") != "OBJECT_TABLE":
        return
    table = table_name(node.relation)
    if table in context.created or _stands_in(context, table):
        return
    yield Hit(
        subject=table,
        message=f"renames {table} to {node.newname}: every running query that names it fails",
        statement=context.statement,
        detail=(node.relation.schemaname or "public", node.relation.relname, node.newname),
    )


def _stands_in(context: StatementContext, table: str) -> bool:
    """Whether the script creates a view or a table under the old name after renaming."""
    if context.script is None:
        return False
    for statement in context.script.statements:
        if statement.offset <= context.statement.offset:
            continue
        if statement.kind == "ViewStmt" and table_name(statement.node.view) == table:
            return True
        if statement.kind == "CreateStmt" and table_name(statement.node.relation) == table:
            return True
        if (
            statement.kind == "RenameStmt"
            and f"{statement.node.relation.schemaname or 'public'}.{statement.node.newname}" == table
        ):
            return True
    return False


def confirm(hit: Hit, context: StatementContext) -> Confirmation | None:
    """The catalog has the table under its new name only."""
    schema, _, new = hit.detail
    if not executed(context) or hit.subject not in context.before.by_name:
        return None
    if hit.subject in context.after.by_name or f"{schema}.{new}" not in context.after.by_name:
        return None
    return confirm_by_catalog(context, f"{schema}.{new} is there and {hit.subject} is not any more")


def remedy(hit: Hit, context: StatementContext) -> Fix | None:
    """Leave an updatable view under the old name, in the same transaction."""
    schema, old, new = hit.detail
    return Fix(
        summary="Leave a view under the old name until no code uses it; simple views accept writes too",
        steps=[
            Step(sql=context.statement.sql.rstrip().rstrip(";") + ";"),
            Step(sql=f"CREATE VIEW {qualified(schema, old)} AS SELECT * FROM {qualified(schema, new)};"),
        ],
    )


RULE = StatementRule(
    id="rename-table",
    claim="Renaming a table breaks every running query that names it.",
    family="breaking",
    severity=Severity.HIGH,
    why=(
        "Old code fails from the moment of the rename, new code fails before it, and a rolling "
        "deployment runs "
        "both. Functions whose bodies are text keep the old name and fail when they are next called."
    ),
    unless="A view (or a new table) takes over the old name in the same transaction.",
    failing=("CREATE TABLE users (id bigint PRIMARY KEY);\n-- setup ends\nALTER TABLE users RENAME TO accounts;"),
    passing=(
        "CREATE TABLE users (id bigint PRIMARY KEY);\n"
        "-- setup ends\n"
        "ALTER TABLE users RENAME TO accounts;\n"
        "CREATE VIEW users AS SELECT * FROM accounts;"
    ),
    sources=(
        "https://www.postgresql.org/docs/current/sql-altertable.html",
        "https://www.postgresql.org/docs/current/sql-createview.html#SQL-CREATEVIEW-UPDATABLE-VIEWS",
    ),
    fix_safety="review",
    kinds=frozenset({"RenameStmt"}),
    suspect=suspect,
    confirm=confirm,
    remedy=remedy,
)
