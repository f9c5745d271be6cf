"""Partitions made while the whole partitioned table waits."""

from __future__ import annotations

from collections.abc import Iterator

import postgast

from knowledge.ddl import definition, table_name, table_sql
from knowledge.report import Fix, Severity, Step
from knowledge.rules.observation import blocks
from knowledge.rules.rule import Confirmation, Hit, StatementContext, StatementRule
from knowledge.trace import LockMode


def suspect(context: StatementContext) -> Iterator[Hit]:
    """CREATE TABLE ... PARTITION OF a table of before."""
    node = context.statement.node
    if not node.HasField("partbound"):
        return
    parent = table_name(node.inh_relations[0].range_var)
    if parent not in context.created:
        yield Hit(
            subject=parent,
            message=f"a new partition stops reads and writes of all of {parent} until the transaction ends",
            statement=context.statement,
            detail=(parent,),
        )


def confirm(hit: Hit, context: StatementContext) -> Confirmation | None:
    """The parent was locked exclusively."""
    return blocks(context, hit.subject, at_least=LockMode.ACCESS_EXCLUSIVE)


def remedy(hit: Hit, context: StatementContext) -> Fix | None:
    """Create the table apart, then attach it, which takes SHARE UPDATE EXCLUSIVE on the parent."""
    node = context.statement.node
    if node.table_elts or node.HasField("partspec") or node.options or node.tablespacename:
        return None
    made, parent = table_sql(node.relation), table_sql(node.inh_relations[0].range_var)
    attach = postgast.parse(f"ALTER TABLE {parent} ATTACH PARTITION {made} DEFAULT")
    command = attach.stmts[0].stmt.alter_table_stmt.cmds[0].alter_table_cmd
    definition(command).partition_cmd.bound.CopyFrom(node.partbound)
    return Fix(
        summary="Create the table apart and attach it: the parent stays readable and writable",
        steps=[
            Step(sql=f"CREATE TABLE {made} (LIKE {parent} INCLUDING ALL)"),
            Step(sql=postgast.deparse(attach), note="SHARE UPDATE EXCLUSIVE on the parent"),
        ],
    )


SETUP = (
    "CREATE TABLE m (id bigint NOT NULL, at date NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);\n"
    "CREATE INDEX ON m (at);\n-- setup ends\n"
)
BOUNDS = "FOR VALUES FROM ('2026-01-01') TO ('2026-02-01')"

RULE = StatementRule(
    id="partition-locks-parent",
    claim="CREATE TABLE ... PARTITION OF stops reads and writes of the whole partitioned table.",
    family="locks",
    severity=Severity.MEDIUM,
    why=(
        "It is instant, but takes ACCESS EXCLUSIVE on the parent, waits behind every running query there and keeps "
        "the lock to the end of the transaction. ATTACH PARTITION needs only SHARE UPDATE EXCLUSIVE."
    ),
    unless="The parent is created in the same migration.",
    failing=f"{SETUP}CREATE TABLE m1 PARTITION OF m {BOUNDS};",
    passing=f"{SETUP}CREATE TABLE m1 (LIKE m INCLUDING ALL);\nALTER TABLE m ATTACH PARTITION m1 {BOUNDS};",
    sources=("https://www.postgresql.org/docs/current/ddl-partitioning.html#DDL-PARTITIONING-DECLARATIVE-MAINTENANCE",),
    fix_safety="safe",
    kinds=frozenset({"CreateStmt"}),
    suspect=suspect,
    confirm=confirm,
    remedy=remedy,
)
