"""Partitions detached while the whole partitioned table waits."""

from __future__ import annotations

from collections.abc import Iterator

import postgast

from knowledge.ddl import commands, definition, only_command, table_name
from knowledge.report import Fix, Severity, Step
from knowledge.rules.observation import blocks
from knowledge.rules.rule import Confirmation, Hit, StatementContext, StatementRule
from knowledge.trace import LockMode


def suspect(context: StatementContext) -> Iterator[Hit]:
    """DETACH PARTITION without CONCURRENTLY from a table of before."""
    node = context.statement.node
    parent = table_name(node.relation)
    for kind, command in commands(node):
        if kind == "AT_DetachPartition" and parent not in context.created:
            part = definition(command).partition_cmd
            if not part.concurrent:
                yield Hit(
                    subject=parent,
                    message=f"detaching {table_name(part.name)} stops reads and writes of all of {parent}",
                    statement=context.statement,
                    detail=(parent,),
                )


def confirm(hit: Hit, context: StatementContext) -> Confirmation | None:
    """The parent was locked exclusively."""
    return blocks(context, hit.subject, at_least=LockMode.ACCESS_EXCLUSIVE)


def remedy(hit: Hit, context: StatementContext) -> Fix | None:
    """The same, concurrently; a default partition does not allow it."""
    if not only_command(context.statement.node):
        return None
    tree = postgast.parse(context.statement.sql)
    command = tree.stmts[0].stmt.alter_table_stmt.cmds[0].alter_table_cmd
    definition(command).partition_cmd.concurrent = True
    return Fix(
        summary=(
            "Detach it concurrently, outside a transaction (not possible while there is a default partition); the "
            "detached table keeps a CHECK that says its old bounds, which may be dropped"
        ),
        steps=[Step(sql=postgast.deparse(tree), alone=True)],
    )


BOUNDS = "FOR VALUES FROM ('2026-01-01') TO ('2026-02-01')"
SETUP = (
    "CREATE TABLE m (id bigint NOT NULL, at date NOT NULL) PARTITION BY RANGE (at);\n"
    f"CREATE TABLE m1 PARTITION OF m {BOUNDS};\nINSERT INTO m VALUES (1, '2026-01-05');\n-- setup ends\n"
)

RULE = StatementRule(
    id="detach-partition-blocks",
    claim="DETACH PARTITION stops reads and writes of the whole partitioned table.",
    family="locks",
    severity=Severity.MEDIUM,
    why=(
        "It is instant, but takes ACCESS EXCLUSIVE on the parent, waits behind every running query there and keeps "
        "the lock to the end of the transaction."
    ),
    unless="The parent is created in the same migration.",
    failing=f"{SETUP}ALTER TABLE m DETACH PARTITION m1;",
    passing=f"{SETUP}ALTER TABLE m DETACH PARTITION m1 CONCURRENTLY;",
    sources=("https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DESC-DETACH-PARTITION",),
    fix_safety="review",
    kinds=frozenset({"AlterTableStmt"}),
    parts=frozenset({"AT_DetachPartition"}),
    suspect=suspect,
    confirm=confirm,
    remedy=remedy,
)
