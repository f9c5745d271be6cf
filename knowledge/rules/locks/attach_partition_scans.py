"""Tables attached as partitions, which are read to check their rows against the bounds."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.ddl import commands, definition, table_name
from knowledge.report import Fix, Severity
from knowledge.rules.observation import blocks
from knowledge.rules.rule import Confirmation, Hit, StatementContext, StatementRule
from knowledge.trace import LockMode


def suspect(context: StatementContext) -> Iterator[Hit]:
    """ATTACH PARTITION of a table of before."""
    node = context.statement.node
    for kind, command in commands(node):
        if kind != "AT_AttachPartition":
            continue
        child = table_name(definition(command).partition_cmd.name)
        if child not in context.created and not _may_be_proven(context, child):
            yield Hit(
                subject=child,
                message=f"attaching {child} reads all of it to check the bounds, while its readers and writers wait",
                statement=context.statement,
                detail=(child,),
                flips=f"a validated CHECK on {child} implies the bounds",
            )


def _may_be_proven(context: StatementContext, child: str) -> bool:
    """Of a text alone: whether the table has a CHECK, which is then taken to be about the bounds."""
    known = context.table(child) if context.trace is None else None
    return known is not None and any(check.validated for check in known.constraints_of("check"))


def confirm(hit: Hit, context: StatementContext) -> Confirmation | None:
    """The attached table was scanned under ACCESS EXCLUSIVE."""
    return blocks(context, hit.subject, at_least=LockMode.ACCESS_EXCLUSIVE, scan=True)


def remedy(hit: Hit, context: StatementContext) -> Fix | None:
    """A CHECK that says what the bounds say; which columns they are about, the statement does not tell."""
    return Fix(
        summary=(
            f"First give {hit.subject} a CHECK that implies the bounds (key columns NOT NULL included), NOT VALID, and "
            "validate it: ATTACH then skips the scan. Drop the CHECK afterwards"
        )
    )


SETUP = (
    "CREATE TABLE m (id bigint NOT NULL, at date NOT NULL) PARTITION BY RANGE (at);\n"
    "CREATE TABLE m1 (id bigint NOT NULL, at date NOT NULL);\nINSERT INTO m1 VALUES (1, '2026-01-05');\n"
)
ATTACH = "-- setup ends\nALTER TABLE m ATTACH PARTITION m1 FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');"

RULE = StatementRule(
    id="attach-partition-scans",
    claim="ATTACH PARTITION reads the whole attached table under a lock that stops its readers and writers.",
    family="locks",
    severity=Severity.MEDIUM,
    why=(
        "The partitioned table takes only SHARE UPDATE EXCLUSIVE, but the attached one, and a default partition, are "
        "locked with ACCESS EXCLUSIVE and scanned unless a CHECK already proves the bounds."
    ),
    unless="Nobody uses the table yet, or a validated CHECK implies the bounds.",
    failing=f"{SETUP}{ATTACH}",
    passing=f"{SETUP}ALTER TABLE m1 ADD CHECK (at >= '2026-01-01' AND at < '2026-02-01');\n{ATTACH}",
    sources=("https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DESC-ATTACH-PARTITION",),
    fix_safety="review",
    kinds=frozenset({"AlterTableStmt"}),
    parts=frozenset({"AT_AttachPartition"}),
    suspect=suspect,
    confirm=confirm,
    remedy=remedy,
)
