"""Row security changed on tables in use."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.ddl import commands, enum_name, table_name, table_of_dropped
from knowledge.report import Severity
from knowledge.rules.earlier import before_it
from knowledge.rules.observation import blocks
from knowledge.rules.rule import Confirmation, Hit, StatementContext, StatementRule
from knowledge.statement import Statement
from knowledge.trace import LockMode

KINDS = frozenset({"CreatePolicyStmt", "AlterPolicyStmt", "AlterTableStmt", "DropStmt"})
ROW_SECURITY = frozenset(
    {"AT_EnableRowSecurity", "AT_DisableRowSecurity", "AT_ForceRowSecurity", "AT_NoForceRowSecurity"}
)


def suspect(context: StatementContext) -> Iterator[Hit]:
    """The first change of a file to policies or row security of a table of before."""
    table = _table(context.statement)
    if not table or table in context.created:
        return
    if not any(_table(other) == table for other in before_it(context, KINDS)):
        yield Hit(
            subject=table,
            message=f"changes row security under a lock that stops reads and writes of {table}",
            statement=context.statement,
            detail=(table,),
        )


def _table(statement: Statement) -> str:
    """The table whose row security changes, or ``""``."""
    node = statement.node
    if statement.kind == "AlterTableStmt":
        changes = any(kind in ROW_SECURITY for kind, _ in commands(node))
        return table_name(node.relation) if changes else ""
    if statement.kind == "DropStmt":
        return table_of_dropped(node) if enum_name(node, "remove_type") == "OBJECT_POLICY" else ""
    return table_name(node.table)


def confirm(hit: Hit, context: StatementContext) -> Confirmation | None:
    """The table was locked exclusively."""
    return blocks(context, hit.subject, at_least=LockMode.ACCESS_EXCLUSIVE)


SETUP = "CREATE TABLE t (id bigint PRIMARY KEY, owner text);\nINSERT INTO t VALUES (1, 'a');\n-- setup ends\n"

RULE = StatementRule(
    id="policy-locks-table",
    claim="Creating a policy or switching row security stops reads and writes until the transaction ends.",
    family="locks",
    severity=Severity.LOW,
    why="Instant by itself, but its ACCESS EXCLUSIVE lock waits behind every running query and is kept to the commit.",
    unless="The table is created in the same migration.",
    failing=f"{SETUP}CREATE POLICY own ON t USING (owner = current_user);",
    passing=f"{SETUP}CREATE TABLE fresh (id bigint, owner text);\nCREATE POLICY own ON fresh USING (owner = 'a');",
    sources=("https://www.postgresql.org/docs/current/sql-createpolicy.html",),
    kinds=KINDS,
    parts=ROW_SECURITY,
    suspect=suspect,
    confirm=confirm,
)
