"""Indexes built while writers wait."""

from __future__ import annotations

from collections.abc import Iterator

import postgast

from knowledge.ddl import table_name
from knowledge.report import Fix, Severity, Step
from knowledge.rules.observation import blocks
from knowledge.rules.rule import Confirmation, Hit, StatementContext, StatementRule


def suspect(context: StatementContext) -> Iterator[Hit]:
    """CREATE INDEX without CONCURRENTLY on a table others can see."""
    node = context.statement.node
    table = table_name(node.relation)
    if not node.concurrent and table not in context.created:
        yield Hit(
            subject=table,
            message=f"builds an index on {table} while every INSERT, UPDATE and DELETE there waits",
            statement=context.statement,
            detail=(table,),
        )


def confirm(hit: Hit, context: StatementContext) -> Confirmation | None:
    """The table was locked against writers."""
    return blocks(context, hit.subject)


def remedy(hit: Hit, context: StatementContext) -> Fix | None:
    """The same index, built concurrently; a partitioned table takes it partition by partition."""
    table = context.table(hit.subject)
    if table is not None and table.partitioned:
        return Fix(
            summary=(
                f"CREATE INDEX ON ONLY {hit.subject}, build it CONCURRENTLY on each partition, then ALTER INDEX ... "
                "ATTACH PARTITION each one"
            )
        )
    tree = postgast.parse(context.statement.sql)
    tree.stmts[0].stmt.index_stmt.concurrent = True
    return Fix(
        summary="Build it concurrently, in a migration that runs outside a transaction",
        steps=[Step(sql=postgast.deparse(tree), alone=True, note="if it fails, drop the INVALID index and retry")],
    )


RULE = StatementRule(
    id="index-not-concurrent",
    claim="CREATE INDEX blocks every write to the table until the index is built.",
    family="locks",
    severity=Severity.HIGH,
    why=(
        "A plain CREATE INDEX takes a SHARE lock for the whole build: reads pass, writes queue, and with "
        "them everything that waits for those writers."
    ),
    unless="The table is created in the same migration, or is known to stay tiny.",
    failing=(
        "CREATE TABLE t (id bigint PRIMARY KEY, n int);\nINSERT INTO t VALUES (1, 1), (2, 2);\n"
        "-- setup ends\nCREATE INDEX t_n_idx ON t (n);"
    ),
    passing=(
        "CREATE TABLE t (id bigint PRIMARY KEY, n int);\nINSERT INTO t VALUES (1, 1), (2, 2);\n"
        "-- setup ends\nCREATE INDEX CONCURRENTLY t_n_idx ON t (n);"
    ),
    sources=("https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY",),
    fix_safety="safe",
    kinds=frozenset({"IndexStmt"}),
    suspect=suspect,
    confirm=confirm,
    remedy=remedy,
)
