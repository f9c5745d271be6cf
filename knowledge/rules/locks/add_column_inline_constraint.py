"""Constraints written inside ADD COLUMN, which do their work under the same lock."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.ddl import commands, constraints, definition, table_name
from knowledge.report import Fix, Severity
from knowledge.rewrites import safe_fix
from knowledge.rules.observation import blocks
from knowledge.rules.rule import Confirmation, Hit, StatementContext, StatementRule
from knowledge.trace import LockMode

WORDS = {
    "CONSTR_UNIQUE": "UNIQUE",
    "CONSTR_PRIMARY": "PRIMARY KEY",
    "CONSTR_FOREIGN": "REFERENCES",
    "CONSTR_CHECK": "CHECK",
}


def suspect(context: StatementContext) -> Iterator[Hit]:
    """ADD COLUMN with UNIQUE, PRIMARY KEY, CHECK, or REFERENCES and a default, on a table of before."""
    table = table_name(context.statement.node.relation)
    if table in context.created:
        return
    for kind, command in commands(context.statement.node):
        if kind != "AT_AddColumn":
            continue
        column = definition(command).column_def
        inline = dict(constraints(column.constraints))
        if "CONSTR_DEFAULT" not in inline:
            inline.pop("CONSTR_FOREIGN", None)  # every row holds NULL, and PostgreSQL knows it need not look
        found = [WORDS[what] for what in WORDS if what in inline]
        if found:
            yield Hit(
                subject=f"{table}.{column.colname}",
                message=(
                    f"ADD COLUMN {column.colname} {' '.join(found)} reads all of {table} under the lock of ADD COLUMN: "
                    "reads and writes wait"
                ),
                statement=context.statement,
                detail=(table,),
            )


def confirm(hit: Hit, context: StatementContext) -> Confirmation | None:
    """The table was read under ACCESS EXCLUSIVE."""
    return blocks(context, hit.detail[0], at_least=LockMode.ACCESS_EXCLUSIVE, scan=True)


def remedy(hit: Hit, context: StatementContext) -> Fix | None:
    """Add the bare column first, each constraint afterwards in its own safe way."""
    return safe_fix(context, "Add the bare column, then each constraint by steps that scan without stopping anybody")


SETUP = (
    "CREATE TABLE parent (id bigint PRIMARY KEY);\nCREATE TABLE t (id bigint PRIMARY KEY);\n"
    "INSERT INTO parent VALUES (1);\nINSERT INTO t VALUES (1), (2);\n-- setup ends\n"
)

RULE = StatementRule(
    id="add-column-inline-constraint",
    claim="A constraint inside ADD COLUMN reads the table while ADD COLUMN's lock stops everything.",
    family="locks",
    severity=Severity.HIGH,
    why=(
        "ADD COLUMN alone is instant, but UNIQUE or PRIMARY KEY builds an index, CHECK reads every row and REFERENCES "
        "with a default looks every row up, all under ACCESS EXCLUSIVE."
    ),
    unless=(
        "The table is created in the same migration. REFERENCES without a default reads nothing: every row holds NULL."
    ),
    failing=f"{SETUP}ALTER TABLE t ADD COLUMN parent_id bigint DEFAULT 1 CHECK (parent_id > 0) REFERENCES parent (id);",
    passing=f"{SETUP}ALTER TABLE t ADD COLUMN parent_id bigint REFERENCES parent (id);",
    sources=("https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES",),
    fix_safety="safe",
    kinds=frozenset({"AlterTableStmt"}),
    parts=frozenset({"AT_AddColumn"}),
    suspect=suspect,
    confirm=confirm,
    remedy=remedy,
)
