"""UPDATE and DELETE that reach every row."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from knowledge.report import Fix, Severity
from knowledge.rules.breaking._tree import enum_name, table_name
from knowledge.rules.observation import executed
from knowledge.rules.rule import Confirmation, Hit, StatementContext, StatementRule


def suspect(context: StatementContext) -> Iterator[Hit]:
    """UPDATE or DELETE without a condition, unless it fills columns the script itself added."""
    node, kind = context.statement.node, context.statement.kind
    if node is None:  # too deeply nested to be read as a tree
        return
    table = table_name(node.relation)
    if table in context.created or not _reaches_all(node):
        return
    if kind == "UpdateStmt" and {target.res_target.name for target in node.target_list} <= _added(context):
        return
    verb = "overwrites" if kind == "UpdateStmt" else "deletes"
    yield Hit(
        subject=table,
        message=f"{verb} every row of {table}: there is no condition",
        statement=context.statement,
        detail=("UPDATE" if kind == "UpdateStmt" else "DELETE",),
    )


def _reaches_all(node: Any) -> bool:
    if not node.HasField("where_clause"):
        return True
    condition = node.where_clause
    if condition.HasField("a_const"):
        return bool(condition.a_const.boolval.boolval)
    if condition.HasField("a_expr"):
        expression = condition.a_expr
        return (
            [part.string.sval for part in expression.name] == ["="]
            and expression.lexpr.HasField("a_const")
            and expression.rexpr.HasField("a_const")
            and expression.lexpr.a_const.ival.ival == expression.rexpr.a_const.ival.ival
            and expression.lexpr.a_const.HasField("ival")
            and expression.rexpr.a_const.HasField("ival")
        )
    return False


def _added(context: StatementContext) -> set[str]:
    """Columns that earlier statements of the script added to the same table."""
    table = table_name(context.statement.node.relation)
    earlier = context.earlier
    if context.script is not None:
        earlier = (*earlier, *context.script.statements)
    found = set()
    for statement in earlier:
        if statement.kind != "AlterTableStmt" or table_name(statement.node.relation) != table:
            continue
        if statement.location.path == context.statement.location.path and (
            statement.offset >= context.statement.offset
        ):
            continue
        for item in statement.node.cmds:
            if enum_name(item.alter_table_cmd, "subtype") == "AT_AddColumn":
                found.add(getattr(item.alter_table_cmd, "def").column_def.colname)
    return found


def confirm(hit: Hit, context: StatementContext) -> Confirmation | None:
    """It ran; the count of rows is PostgreSQL's own."""
    trace = context.trace
    if trace is None or not executed(context):
        return None
    return Confirmation(
        f"executed the {hit.detail[0]}", f"{hit.detail[0]} {trace.rows}: every row the table held was touched"
    )


def remedy(hit: Hit, context: StatementContext) -> Fix | None:
    """Say what is meant."""
    return Fix(
        summary=(
            "Give it a condition; where all rows are meant, work in batches by key range so that each "
            "transaction locks few rows"
        )
    )


RULE = StatementRule(
    id="update-or-delete-without-where",
    claim="An UPDATE or DELETE without a condition changes every row.",
    family="breaking",
    severity=Severity.MEDIUM,
    why=(
        "The old values are gone for good, every row stays locked until the transaction ends, and the table "
        "grows by a full copy of itself."
    ),
    unless="The table is small and its content is meant to be replaced.",
    failing=(
        "CREATE TABLE users (id bigint PRIMARY KEY, plan text NOT NULL);\n"
        "INSERT INTO users VALUES (1, 'free'), (2, 'pro');\n"
        "-- setup ends\n"
        "UPDATE users SET plan = 'free';"
    ),
    passing=(
        "CREATE TABLE users (id bigint PRIMARY KEY, plan text NOT NULL);\n"
        "INSERT INTO users VALUES (1, 'free'), (2, 'pro');\n"
        "-- setup ends\n"
        "UPDATE users SET plan = 'free' WHERE plan = 'trial';\n"
        "ALTER TABLE users ADD COLUMN active boolean;\n"
        "UPDATE users SET active = true;"
    ),
    sources=(
        "https://www.postgresql.org/docs/current/sql-update.html",
        "https://www.postgresql.org/docs/current/sql-delete.html",
    ),
    fix_safety="review",
    kinds=frozenset({"UpdateStmt", "DeleteStmt"}),
    suspect=suspect,
    confirm=confirm,
    remedy=remedy,
)
