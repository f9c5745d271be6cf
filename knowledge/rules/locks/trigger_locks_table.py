"""Triggers made on tables in use."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.ddl import table_name
from knowledge.report import Severity
from knowledge.rules.observation import blocks
from knowledge.rules.rule import Confirmation, Hit, StatementContext, StatementRule
from knowledge.trace import LockMode


def suspect(context: StatementContext) -> Iterator[Hit]:
    """CREATE TRIGGER on a table of before."""
    table = table_name(context.statement.node.relation)
    if table not in context.created:
        yield Hit(
            subject=table,
            message=f"creating a trigger stops writes to {table} until the transaction ends",
            statement=context.statement,
            detail=(table,),
        )


def confirm(hit: Hit, context: StatementContext) -> Confirmation | None:
    """The table was locked against writers."""
    return blocks(context, hit.subject, at_least=LockMode.SHARE_ROW_EXCLUSIVE)


SETUP = (
    "CREATE TABLE t (id bigint PRIMARY KEY);\nINSERT INTO t VALUES (1);\n"
    "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN new; END$$;\n-- setup ends\n"
)

RULE = StatementRule(
    id="trigger-locks-table",
    claim="CREATE TRIGGER stops writes to its table until the transaction ends.",
    family="locks",
    severity=Severity.LOW,
    why="It is instant, but its SHARE ROW EXCLUSIVE lock waits behind running writers and is kept to the commit.",
    unless="The table is created in the same migration.",
    failing=f"{SETUP}CREATE TRIGGER touch BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION f();",
    passing=(
        f"{SETUP}CREATE TABLE fresh (id bigint);\n"
        "CREATE TRIGGER touch BEFORE UPDATE ON fresh FOR EACH ROW EXECUTE FUNCTION f();"
    ),
    sources=("https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES",),
    kinds=frozenset({"CreateTrigStmt"}),
    suspect=suspect,
    confirm=confirm,
)
