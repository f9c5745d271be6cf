"""New columns whose value must be computed row by row."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import postgast

from knowledge.ddl import (
    STABLE_DEFAULTS,
    commands,
    constraints,
    definition,
    function_names,
    only_command,
    table_name,
    table_sql,
)
from knowledge.identifiers import quoted
from knowledge.report import Fix, Severity, Step
from knowledge.rules.observation import blocks
from knowledge.rules.rule import Confirmation, Hit, StatementContext, StatementRule
from knowledge.trace import LockMode

SERIAL = frozenset({"serial", "bigserial", "smallserial", "serial4", "serial8", "serial2"})


def suspect(context: StatementContext) -> Iterator[Hit]:
    """ADD COLUMN with a volatile default, a serial type, an identity, or a stored generated value."""
    table = table_name(context.statement.node.relation)
    if table in context.created:
        return
    for kind, command in commands(context.statement.node):
        if kind == "AT_AddColumn" and (reason := row_by_row(definition(command).column_def)):
            name = definition(command).column_def.colname
            yield Hit(
                subject=f"{table}.{name}",
                message=f"rewrites all of {table} while reads and writes wait: {name} {reason}",
                statement=context.statement,
                detail=(table, name, reason),
            )


def row_by_row(column: Any) -> str:
    """Why a new column needs a value of its own in every row, or ``""``."""
    if column.type_name.names and column.type_name.names[-1].string.sval in SERIAL:
        return "is a serial"
    for kind, constraint in constraints(column.constraints):
        if kind == "CONSTR_IDENTITY":
            return "is an identity column"
        if kind == "CONSTR_GENERATED" and constraint.generated_kind in ("s", ""):
            return "is a stored generated column"
        if kind == "CONSTR_DEFAULT":
            volatile = [name for name in function_names(constraint.raw_expr) if name not in STABLE_DEFAULTS]
            if volatile:
                return f"defaults to {volatile[0]}(), evaluated for each row"
    return ""


def confirm(hit: Hit, context: StatementContext) -> Confirmation | None:
    """The table's file was replaced under ACCESS EXCLUSIVE."""
    return blocks(context, hit.detail[0], at_least=LockMode.ACCESS_EXCLUSIVE, rewrite=True)


def remedy(hit: Hit, context: StatementContext) -> Fix | None:
    """Add the column bare, set the default for new rows, and fill old rows in batches."""
    node = context.statement.node
    column = definition(node.cmds[0].alter_table_cmd).column_def
    kinds = [kind for kind, _ in constraints(column.constraints)]
    if not only_command(node) or not hit.detail[2].startswith("defaults") or kinds != ["CONSTR_DEFAULT"]:
        return None
    tree = postgast.parse(context.statement.sql)
    bare = definition(tree.stmts[0].stmt.alter_table_stmt.cmds[0].alter_table_cmd).column_def
    default = bare.constraints[0].constraint.raw_expr
    expression = _expression(default)
    del bare.constraints[:]
    table, name = table_sql(node.relation), quoted(hit.detail[1])
    return Fix(
        summary="Add the column without a default, set the default for new rows, fill old rows in batches",
        steps=[
            Step(sql=postgast.deparse(tree), note="brief lock, no rewrite"),
            Step(sql=f"ALTER TABLE {table} ALTER COLUMN {name} SET DEFAULT {expression}", note="new rows only"),
            Step(
                sql=f"UPDATE {table} SET {name} = {expression} WHERE {name} IS NULL",
                note="in batches of some thousand keys, each in a transaction of its own",
            ),
        ],
    )


def _expression(node: Any) -> str:
    """An expression as SQL text: deparsed as the only target of a SELECT."""
    tree = postgast.parse("SELECT 1")
    tree.stmts[0].stmt.select_stmt.target_list[0].res_target.val.CopyFrom(node)
    return str(postgast.deparse(tree)).removeprefix("SELECT ")


SETUP = "CREATE TABLE t (id bigint PRIMARY KEY);\nINSERT INTO t VALUES (1), (2);\n-- setup ends\n"

RULE = StatementRule(
    id="volatile-default-rewrites-table",
    claim="A new column whose value differs from row to row rewrites the table and all its indexes.",
    family="locks",
    severity=Severity.HIGH,
    why=(
        "Constant and stable defaults (now() included) are stored once in the catalog. A volatile default, a"
        " serial, an identity or a stored generated value must be written into every row, under ACCESS EXCLUSIVE."
    ),
    unless="The default is stable, or the generated column is VIRTUAL (18).",
    failing=f"{SETUP}ALTER TABLE t ADD COLUMN token uuid DEFAULT gen_random_uuid();",
    passing=f"{SETUP}ALTER TABLE t ADD COLUMN seen_at timestamptz DEFAULT now();",
    sources=("https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES",),
    fix_safety="review",
    kinds=frozenset({"AlterTableStmt"}),
    suspect=suspect,
    confirm=confirm,
    remedy=remedy,
)
