"""NOT VALID and VALIDATE in one transaction, which brings back the lock they were to avoid."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.ddl import added_constraints, commands, table_name
from knowledge.report import Fix, Severity
from knowledge.rules.observation import blocks
from knowledge.rules.rule import Confirmation, Hit, StatementContext, StatementRule


def suspect(context: StatementContext) -> Iterator[Hit]:
    """VALIDATE CONSTRAINT after the same transaction added a constraint to the table."""
    node = context.statement.node
    names = [command.name for kind, command in commands(node) if kind == "AT_ValidateConstraint"]
    table = table_name(node.relation)
    if not names or not context.in_transaction or table in context.created:
        return
    for earlier in reversed(context.earlier):
        if earlier.kind != "AlterTableStmt" or table_name(earlier.node.relation) != table:
            continue
        if any(constraint.skip_validation for _, constraint in added_constraints(earlier.node)):
            yield Hit(
                subject=f"{table}.{names[0]}",
                message=f"reads all of {table} while the lock of the ADD CONSTRAINT before it is still held",
                statement=context.statement,
                detail=(table, names[0]),
            )
            return


def confirm(hit: Hit, context: StatementContext) -> Confirmation | None:
    """The table was scanned under a lock that stops writers, whoever took it."""
    return blocks(context, hit.detail[0], scan=True)


def remedy(hit: Hit, context: StatementContext) -> Fix | None:
    """Two migrations."""
    return Fix(summary="Commit before it: put VALIDATE CONSTRAINT into a migration of its own")


SETUP = "CREATE TABLE t (id bigint PRIMARY KEY, n int);\nINSERT INTO t VALUES (1, 1), (2, 2);\n-- setup ends\n"
ADD = "ALTER TABLE t ADD CONSTRAINT t_n_check CHECK (n > 0) NOT VALID;\n"

RULE = StatementRule(
    id="validate-in-same-transaction",
    claim="VALIDATE CONSTRAINT in the transaction that added the constraint scans under the strong lock after all.",
    family="locks",
    severity=Severity.HIGH,
    why=(
        "Locks are kept to the end of the transaction: ADD CONSTRAINT ... NOT VALID is instant, but its lock is still "
        "held while VALIDATE reads every row. Many tools wrap a migration file in one transaction."
    ),
    unless="The two run in different transactions.",
    failing=f"{SETUP}BEGIN;\n{ADD}ALTER TABLE t VALIDATE CONSTRAINT t_n_check;\nCOMMIT;",
    passing=f"{SETUP}{ADD}ALTER TABLE t VALIDATE CONSTRAINT t_n_check;",
    sources=("https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES",),
    fix_safety="review",
    kinds=frozenset({"AlterTableStmt"}),
    parts=frozenset({"AT_ValidateConstraint"}),
    suspect=suspect,
    confirm=confirm,
    remedy=remedy,
)
