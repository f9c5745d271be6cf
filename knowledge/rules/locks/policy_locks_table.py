"""Row security changed on tables in use."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.ddl import commands, enum_name, strings, table_name
from knowledge.report import Severity
from knowledge.rules.observation import blocks
from knowledge.rules.rule import Confirmation, Hit, StatementContext, StatementRule
from knowledge.trace import LockMode

ROW_SECURITY = frozenset(
    {"AT_EnableRowSecurity", "AT_DisableRowSecurity", "AT_ForceRowSecurity", "AT_NoForceRowSecurity"}
)


def suspect(context: StatementContext) -> Iterator[Hit]:
    """CREATE, ALTER or DROP POLICY, ENABLE or DISABLE ROW LEVEL SECURITY."""
    node = context.statement.node
    if context.statement.kind == "AlterTableStmt":
        if not any(kind in ROW_SECURITY for kind, _ in commands(node)):
            return
        table = table_name(node.relation)
    elif context.statement.kind == "DropStmt":
        if enum_name(node, "remove_type") != "OBJECT_POLICY":
            return
        parts = strings(node.objects[0].list.items)[:-1]
        table = ".".join(parts if len(parts) > 1 else ("public", *parts))
    else:
        table = table_name(node.table)
    if table not in context.created:
        yield Hit(
            subject=table,
            message=f"changes row security under a lock that stops reads and writes of {table}",
            statement=context.statement,
            detail=(table,),
        )


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
    kinds=frozenset({"CreatePolicyStmt", "AlterPolicyStmt", "AlterTableStmt", "DropStmt"}),
    parts=ROW_SECURITY,
    suspect=suspect,
    confirm=confirm,
)
