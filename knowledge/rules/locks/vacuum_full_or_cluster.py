"""Whole-table rewrites asked for by name."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.ddl import table_name
from knowledge.report import Fix, Severity
from knowledge.rules.observation import HOW, describe, executed
from knowledge.rules.rule import Confirmation, Hit, StatementContext, StatementRule


def suspect(context: StatementContext) -> Iterator[Hit]:
    """VACUUM FULL and CLUSTER."""
    node = context.statement.node
    if context.statement.kind == "ClusterStmt":
        names = [table_name(node.relation)] if node.HasField("relation") else ["every clustered table"]
    else:
        full = any(option.def_elem.defname == "full" for option in node.options)
        if not node.is_vacuumcmd or not full:
            return
        names = [table_name(item.vacuum_relation.relation) for item in node.rels] or ["every table"]
    for name in names:
        yield Hit(
            subject=name,
            message=f"rewrites {name} while reads and writes wait, and needs its size again on disk",
            statement=context.statement,
            detail=(name,),
        )


def confirm(hit: Hit, context: StatementContext) -> Confirmation | None:
    """A table's file was replaced."""
    trace = context.trace
    if trace is None or not executed(context) or not trace.rewrites:
        return None
    return Confirmation(HOW, describe(trace, hit.subject))


def remedy(hit: Hit, context: StatementContext) -> Fix | None:
    """Plain VACUUM keeps the table open; repacking tools shrink it."""
    return Fix(
        summary="Use plain VACUUM to make space reusable, or an online repacking tool; keep this out of migrations"
    )


SETUP = "CREATE TABLE t (id bigint PRIMARY KEY);\nINSERT INTO t VALUES (1), (2);\n-- setup ends\n"

RULE = StatementRule(
    id="vacuum-full-or-cluster",
    claim="VACUUM FULL and CLUSTER rewrite the table while nobody can read or write it.",
    family="locks",
    severity=Severity.HIGH,
    why="Both copy the table and its indexes into new files under ACCESS EXCLUSIVE.",
    unless="It runs in a maintenance window.",
    failing=f"{SETUP}CLUSTER t USING t_pkey;",
    passing=f"{SETUP}VACUUM t;",
    sources=(
        "https://www.postgresql.org/docs/current/sql-cluster.html",
        "https://www.postgresql.org/docs/current/sql-vacuum.html",
    ),
    fix_safety="review",
    kinds=frozenset({"VacuumStmt", "ClusterStmt"}),
    suspect=suspect,
    confirm=confirm,
    remedy=remedy,
)
