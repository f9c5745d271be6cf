"""Required columns that existing rows cannot fill."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import postgast

from knowledge.ddl import commands, constraints, definition, only_command, table_name, table_sql
from knowledge.identifiers import quoted
from knowledge.report import Fix, Severity, Step
from knowledge.rules.failures._errors import failed_with
from knowledge.rules.rule import Confirmation, Hit, StatementContext, StatementRule
from knowledge.type_names import is_serial, type_text

FILLED = {"CONSTR_DEFAULT", "CONSTR_IDENTITY", "CONSTR_GENERATED"}
NEUTRAL = {
    "text": "''",
    "character varying": "''",
    "smallint": "0",
    "integer": "0",
    "bigint": "0",
    "numeric": "0",
    "real": "0",
    "double precision": "0",
    "boolean": "false",
    "jsonb": "'{}'",
    "timestamp with time zone": "now()",
    "timestamp without time zone": "now()",
    "date": "current_date",
}
"""A value for old rows by type, where one is commonly chosen."""


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
    return demanded and not is_serial(column.type_name) and not kinds & FILLED


def confirm(hit: Hit, context: StatementContext) -> Confirmation | None:
    """PostgreSQL refused because of a row that was there."""
    return failed_with(context, "23502")


def remedy(hit: Hit, context: StatementContext) -> Fix | None:
    """Fill old rows with a value that somebody has to choose; the steps show a neutral one."""
    summary = (
        "Decide what old rows hold. A constant: add the column with it as DEFAULT (no rewrite), then drop the default. "
        "Otherwise add it nullable, write it from new code, fill old rows in batches, then SET NOT NULL in two steps"
    )
    node = context.statement.node
    column = definition(node.cmds[0].alter_table_cmd).column_def
    neutral = NEUTRAL.get(type_text(column.type_name).split("(")[0])
    kinds = {kind for kind, _ in constraints(column.constraints)}
    if neutral is None or kinds != {"CONSTR_NOTNULL"} or not only_command(node):
        return Fix(summary=summary)
    tree = postgast.parse(context.statement.sql)
    filled = definition(tree.stmts[0].stmt.alter_table_stmt.cmds[0].alter_table_cmd).column_def
    default = definition(
        postgast.parse(f"ALTER TABLE t ALTER COLUMN c SET DEFAULT {neutral}")
        .stmts[0]
        .stmt.alter_table_stmt.cmds[0]
        .alter_table_cmd
    )
    made = filled.constraints.add().constraint
    made.contype = postgast.pg_query_pb2.CONSTR_DEFAULT
    made.raw_expr.CopyFrom(default)
    dropped = f"ALTER TABLE {table_sql(node.relation)} ALTER COLUMN {quoted(hit.detail[1])} DROP DEFAULT"
    return Fix(
        summary=summary,
        steps=[
            Step(
                sql=postgast.deparse(tree), note=f"{neutral} stands for what old rows shall hold: no rewrite, no scan"
            ),
            Step(sql=dropped, note="once new code writes the column"),
        ],
    )


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
    parts=frozenset({"AT_AddColumn"}),
    suspect=suspect,
    confirm=confirm,
    remedy=remedy,
)
