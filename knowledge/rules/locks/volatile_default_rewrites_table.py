"""New columns whose value must be computed row by row."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from knowledge.ddl import (
    STABLE_DEFAULTS,
    VOLATILE_DEFAULTS,
    commands,
    constraints,
    definition,
    function_names,
    table_name,
)
from knowledge.report import Fix, Severity
from knowledge.rewrites import safe_fix
from knowledge.rules.observation import blocks
from knowledge.rules.rule import Confirmation, Hit, StatementContext, StatementRule
from knowledge.trace import LockMode
from knowledge.type_names import is_serial

FIXED_BY_HAND = {
    "is an identity column": (
        "Add a plain column, fill it in batches from a sequence, make it NOT NULL in two steps, then ADD GENERATED "
        "... AS IDENTITY with the sequence set beyond the last value"
    ),
    "is a stored generated column": (
        "Use a VIRTUAL column (18), which is computed when read; or add a plain column, keep it in step by a "
        "trigger and fill old rows in batches"
    ),
}


def suspect(context: StatementContext) -> Iterator[Hit]:
    """ADD COLUMN with a volatile default, a serial type, an identity, or a stored generated value."""
    table = table_name(context.statement.node.relation)
    if table in context.created:
        return
    for kind, command in commands(context.statement.node):
        if kind != "AT_AddColumn":
            continue
        column = definition(command).column_def
        reason, function = row_by_row(column)
        if reason:
            name = column.colname
            unknown = function and function not in VOLATILE_DEFAULTS
            yield Hit(
                subject=f"{table}.{name}",
                message=f"rewrites all of {table} while reads and writes wait: {name} {reason}",
                statement=context.statement,
                detail=(table, name, reason),
                flips=f"{function}() is declared STABLE or IMMUTABLE" if unknown else "",
            )


def row_by_row(column: Any) -> tuple[str, str]:
    """Why a new column needs a value of its own in every row (or ``""``), and the function that decides it."""
    if is_serial(column.type_name):
        return "is a serial", ""
    for kind, constraint in constraints(column.constraints):
        if kind == "CONSTR_IDENTITY":
            return "is an identity column", ""
        if kind == "CONSTR_GENERATED" and constraint.generated_kind in ("s", ""):
            return "is a stored generated column", ""
        if kind == "CONSTR_DEFAULT":
            volatile = [name for name in function_names(constraint.raw_expr) if name not in STABLE_DEFAULTS]
            if volatile:
                return f"defaults to {volatile[0]}(), evaluated for each row", volatile[0]
    return "", ""


def confirm(hit: Hit, context: StatementContext) -> Confirmation | None:
    """The table's file was replaced under ACCESS EXCLUSIVE."""
    return blocks(context, hit.detail[0], at_least=LockMode.ACCESS_EXCLUSIVE, rewrite=True)


def remedy(hit: Hit, context: StatementContext) -> Fix | None:
    """Add the column bare, set the default for new rows, and fill old rows in batches."""
    if hit.detail[2] in FIXED_BY_HAND:
        return Fix(summary=FIXED_BY_HAND[hit.detail[2]])
    return safe_fix(context, "Add the column bare, set the default for new rows, fill old rows in batches")


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
    parts=frozenset({"AT_AddColumn"}),
    suspect=suspect,
    confirm=confirm,
    remedy=remedy,
)
