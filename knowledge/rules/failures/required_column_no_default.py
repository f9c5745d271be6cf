"""Required columns that existing rows cannot fill."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from knowledge.ddl import commands, constraints, definition, table_name, table_sql
from knowledge.identifiers import quoted
from knowledge.report import Fix, Severity, Step
from knowledge.rules.failures._errors import failed_with
from knowledge.rules.rule import Confirmation, Hit, StatementContext, StatementRule

FILLED = {"CONSTR_DEFAULT", "CONSTR_IDENTITY", "CONSTR_GENERATED"}
SERIAL = frozenset({"serial", "bigserial", "smallserial", "serial4", "serial8", "serial2"})


def suspect(context: StatementContext) -> Iterator[Hit]:
    """ADD COLUMN ... NOT NULL (or PRIMARY KEY) without anything that fills it."""
    table = table_name(context.statement.node.relation)
    if table in context.created:
        return
    for kind, command in commands(context.statement.node):
        if kind == "AT_AddColumn" and is_unfilled(definition(command).column_def):
            name = definition(command).column_def.colname
            yield Hit(
                subject=f"{table}.{name}",
                message=f"fails as soon as {table} has a row: {name} is NOT NULL and nothing fills it",
                statement=context.statement,
                detail=(table, name),
            )


def is_unfilled(column: Any) -> bool:
    """Whether a new column demands a value and has no source for it."""
    kinds = {kind for kind, _ in constraints(column.constraints)}
    demanded = bool(kinds & {"CONSTR_NOTNULL", "CONSTR_PRIMARY"})
    serial = bool(column.type_name.names) and column.type_name.names[-1].string.sval in SERIAL
    return demanded and not serial and not kinds & FILLED


def confirm(hit: Hit, context: StatementContext) -> Confirmation | None:
    """PostgreSQL refused because of a row that was there."""
    return failed_with(context, "23502")


def remedy(hit: Hit, context: StatementContext) -> Fix | None:
    """Add it nullable, fill it, then demand it; which value old rows get is a decision."""
    node = context.statement.node
    table, name = table_sql(node.relation), quoted(hit.detail[1])
    return Fix(
        summary=(
            f"Decide what old rows hold. A constant: add it as DEFAULT (no rewrite). Otherwise add {name} without NOT "
            "NULL, write it from new code, fill old rows in batches, then make it required in two steps"
        ),
        steps=[
            Step(sql=f"ALTER TABLE {table} ADD CONSTRAINT {quoted(hit.detail[1] + '_present')} CHECK ({name} IS NOT NULL)"
                     " NOT VALID", note="after the column was added and filled"),
            Step(sql=f"ALTER TABLE {table} VALIDATE CONSTRAINT {quoted(hit.detail[1] + '_present')}"),
        ],
    )  # fmt: skip


SETUP = "CREATE TABLE t (id bigint PRIMARY KEY);\nINSERT INTO t VALUES (1);\n-- setup ends\n"

RULE = StatementRule(
    id="required-column-no-default",
    claim="A new NOT NULL column without a default fails on a table that has rows.",
    family="failures",
    severity=Severity.HIGH,
    why="Existing rows would hold NULL in it, so PostgreSQL refuses: on an empty test database nobody notices.",
    unless="The table is created in the same migration, or is known to be empty.",
    failing=f"{SETUP}ALTER TABLE t ADD COLUMN name text NOT NULL;",
    passing=f"{SETUP}ALTER TABLE t ADD COLUMN name text NOT NULL DEFAULT '';",
    sources=("https://www.postgresql.org/docs/current/ddl-alter.html#DDL-ALTER-ADDING-A-COLUMN",),
    fix_safety="review",
    kinds=frozenset({"AlterTableStmt"}),
    suspect=suspect,
    confirm=confirm,
    remedy=remedy,
)
