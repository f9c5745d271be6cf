"""Enum values used before the transaction that adds them has ended."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.report import Fix, Severity
from knowledge.rules.failures._errors import failed_with
from knowledge.rules.rule import Confirmation, Hit, StatementContext, StatementRule


def suspect(context: StatementContext) -> Iterator[Hit]:
    """A statement that names a value which the same transaction added to an enum."""
    if not context.in_transaction or context.statement.kind == "AlterEnumStmt":
        return
    if context.script is not None and "AlterEnumStmt" not in context.script.kinds:
        return
    for earlier in context.earlier:
        if earlier.kind != "AlterEnumStmt" or earlier.node is None:
            continue
        value = earlier.node.new_val
        if value and not earlier.node.old_val and f"'{value}'" in context.statement.sql:
            yield Hit(
                subject=".".join(part.string.sval for part in earlier.node.type_name),
                message=f"fails: the enum value '{value}' is used before the transaction that adds it has committed",
                statement=context.statement,
                detail=(value,),
            )


def confirm(hit: Hit, context: StatementContext) -> Confirmation | None:
    """Error 55P04, unsafe_new_enum_value_usage."""
    return failed_with(context, "55P04")


def remedy(hit: Hit, context: StatementContext) -> Fix | None:
    """Two migrations."""
    return Fix(summary="Add the value in one migration and use it in the next")


SETUP = (
    "CREATE TYPE mood AS ENUM ('sad', 'ok');\nCREATE TABLE t (id bigint PRIMARY KEY, m mood);\n"
    "INSERT INTO t VALUES (1, 'ok');\n-- setup ends\n"
)

RULE = StatementRule(
    id="enum-value-used-in-same-transaction",
    claim="A value added to an enum cannot be used until the transaction that added it has committed.",
    family="failures",
    severity=Severity.HIGH,
    why="Until then a rollback could leave rows whose value does not exist, so PostgreSQL refuses it.",
    unless="The enum itself was created in the same transaction.",
    failing=f"{SETUP}BEGIN;\nALTER TYPE mood ADD VALUE 'happy';\nUPDATE t SET m = 'happy' WHERE id = 1;\nCOMMIT;",
    passing=f"{SETUP}ALTER TYPE mood ADD VALUE 'happy';\nUPDATE t SET m = 'happy' WHERE id = 1;",
    sources=("https://www.postgresql.org/docs/current/sql-altertype.html#SQL-ALTERTYPE-NOTES",),
    fix_safety="review",
    kinds=frozenset({"InsertStmt", "UpdateStmt", "DeleteStmt", "SelectStmt", "AlterTableStmt", "CreateStmt"}),
    suspect=suspect,
    confirm=confirm,
    remedy=remedy,
)
