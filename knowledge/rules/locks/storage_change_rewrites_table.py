"""Moves between logged and unlogged, tablespaces and access methods."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.ddl import commands, table_name
from knowledge.report import Severity
from knowledge.rules.observation import blocks
from knowledge.rules.rule import Confirmation, Hit, StatementContext, StatementRule
from knowledge.trace import LockMode

WORDS = {
    "AT_SetUnLogged": "SET UNLOGGED",
    "AT_SetLogged": "SET LOGGED",
    "AT_SetTableSpace": "SET TABLESPACE",
    "AT_SetAccessMethod": "SET ACCESS METHOD",
}


def suspect(context: StatementContext) -> Iterator[Hit]:
    """ALTER TABLE ... SET [UN]LOGGED, SET TABLESPACE, SET ACCESS METHOD."""
    table = table_name(context.statement.node.relation)
    if table in context.created:
        return
    for kind, _ in commands(context.statement.node):
        if kind in WORDS:
            loss = ": after a crash the table is empty" if kind == "AT_SetUnLogged" else ""
            yield Hit(
                subject=table,
                message=f"{WORDS[kind]} copies all of {table} into a new file while reads and writes wait{loss}",
                statement=context.statement,
                detail=(table,),
            )


def confirm(hit: Hit, context: StatementContext) -> Confirmation | None:
    """The table's file was replaced under ACCESS EXCLUSIVE."""
    return blocks(context, hit.subject, at_least=LockMode.ACCESS_EXCLUSIVE, rewrite=True)


SETUP = "CREATE TABLE t (id bigint PRIMARY KEY);\nINSERT INTO t VALUES (1), (2);\n-- setup ends\n"

RULE = StatementRule(
    id="storage-change-rewrites-table",
    claim="SET LOGGED, SET UNLOGGED, SET TABLESPACE and SET ACCESS METHOD copy the whole table.",
    family="locks",
    severity=Severity.HIGH,
    why="The data moves to a new file under ACCESS EXCLUSIVE, indexes included.",
    unless="The table is small, or already stored as asked: PostgreSQL then does nothing.",
    failing=f"{SETUP}ALTER TABLE t SET UNLOGGED;",
    passing=f"{SETUP}ALTER TABLE t SET (fillfactor = 90);",
    sources=("https://www.postgresql.org/docs/current/sql-altertable.html",),
    kinds=frozenset({"AlterTableStmt"}),
    parts=frozenset(WORDS),
    suspect=suspect,
    confirm=confirm,
)
