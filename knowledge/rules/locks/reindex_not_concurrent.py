"""Indexes rebuilt while readers and writers wait."""

from __future__ import annotations

from collections.abc import Iterator

import postgast

from knowledge.ddl import enum_name, plain, table_name
from knowledge.report import Fix, Severity, Step
from knowledge.rules.observation import HOW, describe, executed, others_see
from knowledge.rules.rule import Confirmation, Hit, StatementContext, StatementRule


def suspect(context: StatementContext) -> Iterator[Hit]:
    """REINDEX without CONCURRENTLY."""
    node = context.statement.node
    if any(item.def_elem.defname == "concurrently" for item in node.params):
        return
    name = table_name(node.relation) if node.relation.relname else node.name or "everything"
    if name not in context.created:
        yield Hit(
            subject=name,
            message=f"rebuilds {name} while writers wait, and readers too where they need the index",
            statement=context.statement,
            detail=(name,),
        )


def confirm(hit: Hit, context: StatementContext) -> Confirmation | None:
    """A table was locked against writers, or an index against readers."""
    trace = context.trace
    if trace is None or not executed(context):
        return None
    for lock in trace.locks:
        strong = lock.mode.blocks_writes and not lock.is_index
        if strong and others_see(context, lock.relation):
            return Confirmation(HOW, describe(trace, plain(lock.relation)))
    return None


def remedy(hit: Hit, context: StatementContext) -> Fix | None:
    """The same rebuild, concurrently."""
    if enum_name(context.statement.node, "kind") == "REINDEX_OBJECT_SYSTEM":
        return None
    tree = postgast.parse(context.statement.sql)
    option = tree.stmts[0].stmt.reindex_stmt.params.add().def_elem
    option.defname, option.defaction = "concurrently", postgast.pg_query_pb2.DEFELEM_UNSPEC
    return Fix(
        summary="Rebuild it concurrently, outside a transaction",
        steps=[Step(sql=postgast.deparse(tree), alone=True, note="if it fails, drop the INVALID index it leaves")],
    )


SETUP = "CREATE TABLE t (id bigint PRIMARY KEY);\nINSERT INTO t VALUES (1), (2);\n-- setup ends\n"

RULE = StatementRule(
    id="reindex-not-concurrent",
    claim="REINDEX stops writes to the table, and reads that would use the index, until it is rebuilt.",
    family="locks",
    severity=Severity.HIGH,
    why=(
        "The table is locked with SHARE and the index with ACCESS EXCLUSIVE. Planning alone locks every index of a "
        "table, so plain SELECTs wait as well: the table's own lock does not show that."
    ),
    unless="The table is created in the same migration.",
    failing=f"{SETUP}REINDEX TABLE t;",
    passing=f"{SETUP}REINDEX TABLE CONCURRENTLY t;",
    sources=("https://www.postgresql.org/docs/current/sql-reindex.html#SQL-REINDEX-CONCURRENTLY",),
    fix_safety="safe",
    kinds=frozenset({"ReindexStmt"}),
    suspect=suspect,
    confirm=confirm,
    remedy=remedy,
)
