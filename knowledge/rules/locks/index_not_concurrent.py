"""Indexes built while writers wait."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import postgast

from knowledge.ddl import chosen_name, table_name
from knowledge.identifiers import qualified
from knowledge.report import Fix, Severity, Step
from knowledge.rules.observation import blocks
from knowledge.rules.rule import Confirmation, Hit, StatementContext, StatementRule
from knowledge.schema import Relation


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
    """The table was locked against writers, and it or its partitions were read."""
    trace = context.trace
    return blocks(context, hit.subject) if trace is not None and trace.scans else None


def remedy(hit: Hit, context: StatementContext) -> Fix | None:
    """The same index, built concurrently; a partitioned table takes it partition by partition."""
    table = context.table(hit.subject)
    if table is not None and table.partitioned:
        return _by_partition(table, context)
    tree = postgast.parse(context.statement.sql)
    tree.stmts[0].stmt.index_stmt.concurrent = True
    return Fix(
        summary="Build it concurrently, in a migration that runs outside a transaction",
        steps=[Step(sql=postgast.deparse(tree), alone=True, note="if it fails, drop the INVALID index and retry")],
    )


def _by_partition(table: Relation, context: StatementContext) -> Fix:
    """An index on the parent alone, one built concurrently on each partition, and these attached to it."""
    node = context.statement.node
    parts = [part for part in context.before.tables if part.partition_of == table.qualified]
    fix = Fix(
        summary=(
            f"Create it ON ONLY {table.qualified} (instant, invalid as yet), build it concurrently on each partition, "
            "then attach those"
        )
    )
    if not parts or not node.relation.inh or any(part.partitioned for part in parts):
        return fix
    keys = tuple(_key_name(item.index_elem) for item in (*node.index_params, *node.index_including_params))
    name = node.idxname or chosen_name(table.name, keys, "idx", _names(context, table))
    steps = [_index(context, name, only=True)]
    for part in parts:
        own = chosen_name(part.name, keys, "idx", _names(context, part))
        steps.append(_index(context, own, part=part))
        attach = f"ALTER INDEX {qualified(table.schema, name)} ATTACH PARTITION {qualified(part.schema, own)}"
        steps.append(Step(sql=attach))
    return fix.model_copy(update={"steps": steps})


def _key_name(element: Any) -> str:
    """What a part of the key adds to an unnamed index's name."""
    if element.name:
        return str(element.name)
    called = element.expr.func_call.funcname
    return str(called[-1].string.sval) if called else "expr"


def _index(context: StatementContext, name: str, *, only: bool = False, part: Relation | None = None) -> Step:
    tree = postgast.parse(context.statement.sql)
    index = tree.stmts[0].stmt.index_stmt
    index.idxname = name
    index.relation.inh = not only
    if part is not None:
        index.relation.schemaname, index.relation.relname = part.schema, part.name
        index.concurrent = True
    return Step(sql=postgast.deparse(tree), alone=part is not None)


def _names(context: StatementContext, table: Relation) -> set[str]:
    """Names of relations in a table's schema."""
    near = [other for other in context.before.tables if other.schema == table.schema]
    return {other.name for other in near} | {index.name for other in near for index in other.indexes}


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
