"""Triggers changed on tables in use."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.ddl import commands, enum_name, table_name, table_of_dropped
from knowledge.report import Severity
from knowledge.rules.earlier import before_it
from knowledge.rules.observation import blocks
from knowledge.rules.rule import Confirmation, Hit, StatementContext, StatementRule
from knowledge.statement import Statement
from knowledge.trace import LockMode

WORDS = {
    "CreateTrigStmt": "creating a trigger",
    "DropStmt": "dropping a trigger",
    "AlterTableStmt": "switching triggers",
}

SWITCHES = frozenset(
    "AT_EnableTrig AT_EnableTrigAll AT_EnableTrigUser AT_EnableAlwaysTrig AT_EnableReplicaTrig"
    " AT_DisableTrig AT_DisableTrigAll AT_DisableTrigUser".split()
)


def suspect(context: StatementContext) -> Iterator[Hit]:
    """The first CREATE, DROP, ENABLE or DISABLE TRIGGER of a file on a table of before."""
    statement = context.statement
    table = _table(statement)
    if not table or table in context.created:
        return
    if not any(_table(other) == table for other in before_it(context, WORDS)):
        who = "reads and writes of" if statement.kind == "DropStmt" else "writes to"
        yield Hit(
            subject=table,
            message=f"{WORDS[statement.kind]} stops {who} {table} until the transaction ends",
            statement=statement,
            detail=(table,),
        )


def _table(statement: Statement) -> str:
    """The table whose triggers change, or ``""``."""
    node, kind = statement.node, statement.kind
    if kind == "DropStmt":
        if enum_name(node, "remove_type") != "OBJECT_TRIGGER":
            return ""
        return table_of_dropped(node)
    if kind == "AlterTableStmt" and not any(change in SWITCHES for change, _ in commands(node)):
        return ""
    return table_name(node.relation)


def confirm(hit: Hit, context: StatementContext) -> Confirmation | None:
    """The table was locked against writers."""
    return blocks(context, hit.subject, at_least=LockMode.SHARE_ROW_EXCLUSIVE)


SETUP = (
    "CREATE TABLE t (id bigint PRIMARY KEY);\nINSERT INTO t VALUES (1);\n"
    "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN new; END$$;\n-- setup ends\n"
)

RULE = StatementRule(
    id="trigger-locks-table",
    claim="Creating, switching or dropping a trigger stops writes to its table until the transaction ends.",
    family="locks",
    severity=Severity.LOW,
    why=(
        "It is instant, but its lock (SHARE ROW EXCLUSIVE; ACCESS EXCLUSIVE for DROP) waits behind running writers and "
        "is kept to the commit. Said once a file and table."
    ),
    unless="The table is created in the same migration.",
    failing=f"{SETUP}CREATE TRIGGER touch BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION f();",
    passing=(
        f"{SETUP}CREATE TABLE fresh (id bigint);\n"
        "CREATE TRIGGER touch BEFORE UPDATE ON fresh FOR EACH ROW EXECUTE FUNCTION f();"
    ),
    sources=("https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES",),
    kinds=frozenset(WORDS),
    parts=SWITCHES,
    suspect=suspect,
    confirm=confirm,
)
