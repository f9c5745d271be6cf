"""CHECK constraints that read the whole table while everybody waits."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.ddl import added_constraints, table_name
from knowledge.report import Fix, Severity
from knowledge.rewrites import safe_fix
from knowledge.rules.observation import blocks
from knowledge.rules.rule import Confirmation, Hit, StatementContext, StatementRule
from knowledge.trace import LockMode


def suspect(context: StatementContext) -> Iterator[Hit]:
    """ADD CHECK without NOT VALID."""
    table = table_name(context.statement.node.relation)
    if table in context.created:
        return
    for kind, constraint in added_constraints(context.statement.node):
        if kind == "CONSTR_CHECK" and not constraint.skip_validation and constraint.is_enforced:
            yield Hit(
                subject=table,
                message=f"reads all of {table} to check existing rows while reads and writes wait",
                statement=context.statement,
                detail=(table,),
            )


def confirm(hit: Hit, context: StatementContext) -> Confirmation | None:
    """The table was scanned under ACCESS EXCLUSIVE."""
    return blocks(context, hit.subject, at_least=LockMode.ACCESS_EXCLUSIVE, scan=True)


def remedy(hit: Hit, context: StatementContext) -> Fix | None:
    """NOT VALID, then VALIDATE."""
    return safe_fix(context, "Add it NOT VALID (new rows are checked at once), then validate it in a later transaction")


SETUP = "CREATE TABLE t (id bigint PRIMARY KEY, n int);\nINSERT INTO t VALUES (1, 1), (2, 2);\n-- setup ends\n"

RULE = StatementRule(
    id="check-validates-now",
    claim="Adding a CHECK constraint reads the whole table under a lock that stops reads and writes.",
    family="locks",
    severity=Severity.HIGH,
    why="ADD CHECK holds ACCESS EXCLUSIVE while it tests every existing row.",
    unless="The table is created in the same migration.",
    failing=f"{SETUP}ALTER TABLE t ADD CHECK (n > 0);",
    passing=f"{SETUP}ALTER TABLE t ADD CONSTRAINT t_n_check CHECK (n > 0) NOT VALID;",
    sources=("https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES",),
    fix_safety="safe",
    kinds=frozenset({"AlterTableStmt"}),
    parts=frozenset({"AT_AddConstraint"}),
    suspect=suspect,
    confirm=confirm,
    remedy=remedy,
)
