"""Type changes that write every row anew."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from knowledge.ddl import commands, definition, table_name
from knowledge.report import Fix, Severity
from knowledge.rules.observation import blocks
from knowledge.rules.rule import Confirmation, Hit, StatementContext, StatementRule
from knowledge.schema import Column
from knowledge.trace import LockMode

TEXTUAL = ("text", "character varying", "varchar")


def suspect(context: StatementContext) -> Iterator[Hit]:
    """ALTER COLUMN TYPE, unless the text shows that only a length limit grows or goes."""
    table = table_name(context.statement.node.relation)
    if table in context.created:
        return
    for kind, command in commands(context.statement.node):
        if kind != "AT_AlterColumnType":
            continue
        known = context.before.by_name.get(table)
        column = known.column(command.name) if known else None
        if context.trace is None and column is not None and only_loosens(column, definition(command).column_def):
            continue
        yield Hit(
            subject=f"{table}.{command.name}",
            message=f"changes the type of {command.name} by rewriting {table} while reads and writes wait",
            statement=context.statement,
            detail=(table, command.name),
        )


def only_loosens(column: Column, wanted: Any) -> bool:
    """Whether the change is binary compatible by its spelling: varchar(n) to a larger one or to text."""
    target = wanted.type_name.names[-1].string.sval
    if wanted.raw_default.WhichOneof("node") or not column.type.startswith(TEXTUAL):
        return False
    if target == "text" or (target == "varchar" and not wanted.type_name.typmods):
        return True
    if target != "varchar" or "(" not in column.type:
        return False
    return int(wanted.type_name.typmods[0].a_const.ival.ival) >= int(column.type.split("(")[1].rstrip(")"))


def confirm(hit: Hit, context: StatementContext) -> Confirmation | None:
    """The table or one of its indexes was rewritten, or the table read, under ACCESS EXCLUSIVE."""
    table = hit.detail[0]
    seen = blocks(context, table, at_least=LockMode.ACCESS_EXCLUSIVE, scan=True)
    if seen is None and context.trace is not None and context.trace.rewrites:
        seen = blocks(context, table, at_least=LockMode.ACCESS_EXCLUSIVE)
    return seen


def remedy(hit: Hit, context: StatementContext) -> Fix | None:
    """Expand and contract; the application takes part in it."""
    return Fix(
        summary=(
            f"Add a second column of the new type, keep it in step by a trigger, fill it in batches, move readers "
            f"over, then drop {hit.subject} and rename"
        )
    )


SETUP = (
    "CREATE TABLE t (id int PRIMARY KEY, name varchar(50));\nINSERT INTO t VALUES (1, 'a'), (2, 'b');\n-- setup ends\n"
)

RULE = StatementRule(
    id="type-change-rewrites-table",
    claim="Changing a column's type rewrites the table and its indexes unless the two types are stored alike.",
    family="locks",
    severity=Severity.HIGH,
    why="Every row and every index on it is written anew under ACCESS EXCLUSIVE: nobody reads or writes meanwhile.",
    unless="varchar(n) grows or becomes text, or numeric only gains precision: PostgreSQL then changes the catalog only.",
    failing=f"{SETUP}ALTER TABLE t ALTER COLUMN id TYPE bigint;",
    passing=f"{SETUP}ALTER TABLE t ALTER COLUMN name TYPE varchar(100);",
    sources=("https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES",),
    fix_safety="review",
    kinds=frozenset({"AlterTableStmt"}),
    suspect=suspect,
    confirm=confirm,
    remedy=remedy,
)
