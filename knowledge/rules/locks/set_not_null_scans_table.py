"""SET NOT NULL that reads the whole table because nothing proves it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from knowledge.ddl import added_constraints, commands, strings, table_name
from knowledge.report import Fix, Severity
from knowledge.rewrites import safe_fix
from knowledge.rules.observation import blocks
from knowledge.rules.rule import Confirmation, Hit, StatementContext, StatementRule
from knowledge.trace import LockMode


def suspect(context: StatementContext) -> Iterator[Hit]:
    """SET NOT NULL, or ADD NOT NULL (18), on a column that nothing known proves to hold no NULL."""
    table = table_name(context.statement.node.relation)
    if table in context.created:
        return
    for column in _columns(context):
        if not _proven(context, table, column):
            yield Hit(
                subject=f"{table}.{column}",
                message=f"reads all of {table} to look for NULLs in {column} while reads and writes wait",
                statement=context.statement,
                detail=(table, column),
            )


def _columns(context: StatementContext) -> Iterator[str]:
    for kind, command in commands(context.statement.node):
        if kind == "AT_SetNotNull":
            yield command.name
    for kind, constraint in added_constraints(context.statement.node):
        if kind == "CONSTR_NOTNULL" and not constraint.skip_validation:
            yield strings(constraint.keys)[0]


def _proven(context: StatementContext, table: str, column: str) -> bool:
    """Whether the column is NOT NULL already, or a validated CHECK says so."""
    known = context.table(table)
    if known is None:
        return False
    found = known.column(column)
    if found is not None and not found.nullable and _validated(context, table, column):
        return True
    says_so = re.compile(rf'^CHECK \(+"?{re.escape(column)}"? IS NOT NULL\)+( NOT VALID)?$', re.IGNORECASE)
    return any(says_so.match(check.definition) for check in known.constraints_of("check") if check.validated)


def _validated(context: StatementContext, table: str, column: str) -> bool:
    """Whether no NOT NULL constraint of the column waits for its validation."""
    known = context.table(table)
    held = known.constraints_of("not_null") if known else ()
    return all(constraint.validated for constraint in held if constraint.columns == (column,))


def confirm(hit: Hit, context: StatementContext) -> Confirmation | None:
    """The table was scanned under ACCESS EXCLUSIVE."""
    return blocks(context, hit.detail[0], at_least=LockMode.ACCESS_EXCLUSIVE, scan=True)


def remedy(hit: Hit, context: StatementContext) -> Fix | None:
    """A NOT NULL constraint added NOT VALID and validated (18), or a CHECK that proves it (before 18)."""
    return safe_fix(context, "Add the constraint NOT VALID, then validate it in a later transaction")


SETUP = "CREATE TABLE t (id bigint PRIMARY KEY, n int);\nINSERT INTO t VALUES (1, 1), (2, 2);\n"

RULE = StatementRule(
    id="set-not-null-scans-table",
    claim="SET NOT NULL reads the whole table under a lock that stops reads and writes.",
    family="locks",
    severity=Severity.HIGH,
    why="PostgreSQL must see that no row holds NULL, and it looks while holding ACCESS EXCLUSIVE.",
    unless="A validated CHECK (column IS NOT NULL) exists: PostgreSQL then trusts it and does not look.",
    failing=f"{SETUP}-- setup ends\nALTER TABLE t ALTER COLUMN n SET NOT NULL;",
    passing=(
        f"{SETUP}ALTER TABLE t ADD CONSTRAINT n_present CHECK (n IS NOT NULL);\n"
        "-- setup ends\nALTER TABLE t ALTER COLUMN n SET NOT NULL;"
    ),
    sources=("https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DESC-SET-DROP-NOT-NULL",),
    fix_safety="safe",
    kinds=frozenset({"AlterTableStmt"}),
    parts=frozenset({"AT_SetNotNull", "AT_AddConstraint"}),
    suspect=suspect,
    confirm=confirm,
    remedy=remedy,
)
