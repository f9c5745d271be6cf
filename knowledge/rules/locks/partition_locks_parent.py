"""Partitions made or attached while the whole partitioned table waits."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.ddl import commands, definition, table_name, table_sql
from knowledge.report import Fix, Severity, Step
from knowledge.rules.observation import HOW, blocks, describe, executed, scanned
from knowledge.rules.rule import Confirmation, Hit, StatementContext, StatementRule
from knowledge.trace import LockMode


def suspect(context: StatementContext) -> Iterator[Hit]:
    """CREATE TABLE ... PARTITION OF, and ATTACH PARTITION."""
    node = context.statement.node
    if context.statement.kind == "CreateStmt":
        if node.HasField("partbound"):
            parent = table_name(node.inh_relations[0].range_var)
            if parent not in context.created:
                yield Hit(
                    subject=parent,
                    message=f"a new partition stops reads and writes of all of {parent} until the transaction ends",
                    statement=context.statement,
                    detail=(parent, ""),
                )
        return
    parent = table_name(node.relation)
    for kind, command in commands(node):
        if kind == "AT_AttachPartition" and parent not in context.created:
            child = table_name(definition(command).partition_cmd.name)
            yield Hit(
                subject=parent,
                message=f"attaching {child} reads all of it under a lock, to check its rows against the bounds",
                statement=context.statement,
                detail=(parent, child),
            )


def confirm(hit: Hit, context: StatementContext) -> Confirmation | None:
    """The parent was locked exclusively, or the attached table scanned."""
    parent, child = hit.detail
    trace = context.trace
    if not child:
        return blocks(context, parent, at_least=LockMode.ACCESS_EXCLUSIVE)
    if trace is None or not executed(context) or not scanned(trace, child):
        return None
    return Confirmation(HOW, describe(trace, child))


def remedy(hit: Hit, context: StatementContext) -> Fix | None:
    """Create the table apart, then attach it, which takes SHARE UPDATE EXCLUSIVE on the parent."""
    node = context.statement.node
    parent, child = hit.detail
    if child:
        return Fix(
            summary=f"First add a CHECK to {child} that says what the bounds say, NOT VALID and validated: ATTACH then skips the scan"
        )
    if node.table_elts:
        return None
    made = table_sql(node.relation)
    bounds = context.statement.sql[context.statement.sql.lower().index("partition of") :]
    words = bounds.split(None, 3)
    if len(words) < 4:
        return None
    owner = table_sql(node.inh_relations[0].range_var)
    return Fix(
        summary="Create the table apart and attach it: the parent stays readable and writable",
        steps=[
            Step(sql=f"CREATE TABLE {made} (LIKE {owner} INCLUDING ALL)"),
            Step(sql=f"ALTER TABLE {owner} ATTACH PARTITION {made} {words[3].rstrip(';')}"),
        ],
    )


SETUP = "CREATE TABLE m (id bigint NOT NULL, at date NOT NULL) PARTITION BY RANGE (at);\n"
LOOSE = "CREATE TABLE m1 (id bigint NOT NULL, at date NOT NULL);\nINSERT INTO m1 VALUES (1, '2026-01-05');\n"

RULE = StatementRule(
    id="partition-locks-parent",
    claim="PARTITION OF locks the whole partitioned table; ATTACH PARTITION reads all of the attached one.",
    family="locks",
    severity=Severity.MEDIUM,
    why=(
        "CREATE TABLE ... PARTITION OF takes ACCESS EXCLUSIVE on the parent. ATTACH PARTITION takes only SHARE UPDATE"
        " EXCLUSIVE there, but scans the new partition unless a CHECK already proves its bounds."
    ),
    unless="The parent is created in the same migration; or a validated CHECK implies the bounds.",
    failing=f"{SETUP}-- setup ends\nCREATE TABLE m1 PARTITION OF m FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');",
    passing=(
        f"{SETUP}{LOOSE}ALTER TABLE m1 ADD CHECK (at >= '2026-01-01' AND at < '2026-02-01');\n-- setup ends\n"
        "ALTER TABLE m ATTACH PARTITION m1 FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');"
    ),
    sources=("https://www.postgresql.org/docs/current/ddl-partitioning.html#DDL-PARTITIONING-DECLARATIVE-MAINTENANCE",),
    fix_safety="review",
    kinds=frozenset({"CreateStmt", "AlterTableStmt"}),
    suspect=suspect,
    confirm=confirm,
    remedy=remedy,
)
