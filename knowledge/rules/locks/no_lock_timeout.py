"""Strong locks awaited without end: while a statement waits, everybody queues behind it."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.ddl import table_name
from knowledge.report import Fix, Severity, Step
from knowledge.rules.observation import HOW, executed, lock_on
from knowledge.rules.rule import Confirmation, Hit, StatementContext, StatementRule
from knowledge.statement import Statement
from knowledge.trace import LockMode


def suspect(context: StatementContext) -> Iterator[Hit]:
    """The first ALTER TABLE of a transaction on a table of before, where no lock_timeout was set."""
    table = table_name(context.statement.node.relation)
    if table in context.created or any(sets_timeout(statement) for statement in context.earlier):
        return
    if any(takes_lock(statement, context) for statement in context.earlier):
        return
    yield Hit(
        subject=table,
        message=f"waits for {table} without a lock_timeout: behind it every new read and write queues",
        statement=context.statement,
        detail=(table,),
    )


def sets_timeout(statement: Statement) -> bool:
    """SET [LOCAL] lock_timeout to something that is not 0."""
    if statement.kind != "VariableSetStmt" or statement.node is None or statement.node.name != "lock_timeout":
        return False
    value = "".join(str(item.a_const.ival.ival or item.a_const.sval.sval) for item in statement.node.args)
    return value not in ("", "0")


def takes_lock(statement: Statement, context: StatementContext) -> bool:
    """Whether an earlier statement already had this finding: one a transaction is enough."""
    if statement.kind != "AlterTableStmt" or statement.node is None:
        return False
    return table_name(statement.node.relation) not in context.created


def confirm(hit: Hit, context: StatementContext) -> Confirmation | None:
    """The table was locked exclusively."""
    trace = context.trace
    if trace is None or not executed(context):
        return None
    lock = lock_on(trace, hit.subject)
    if lock is None or lock.mode is not LockMode.ACCESS_EXCLUSIVE:
        return None
    return Confirmation(HOW, f"{lock.mode.value} on {hit.subject}; no earlier statement sets lock_timeout")


def remedy(hit: Hit, context: StatementContext) -> Fix | None:
    """Give up soon and try again."""
    return Fix(
        summary="Set a lock_timeout at the head of the migration and retry when it strikes",
        steps=[Step(sql="SET lock_timeout = '2s'"), Step(sql=context.statement.sql)],
    )


SETUP = "CREATE TABLE t (id bigint PRIMARY KEY);\nINSERT INTO t VALUES (1);\n-- setup ends\n"

RULE = StatementRule(
    id="no-lock-timeout",
    claim="A statement that waits for an ACCESS EXCLUSIVE lock makes every later query wait behind it.",
    family="locks",
    severity=Severity.LOW,
    why=(
        "Lock requests queue. While ALTER TABLE waits for one long query, new SELECTs wait for ALTER TABLE: an outage "
        "as long as that query. lock_timeout bounds it."
    ),
    unless="The migration tool sets lock_timeout for its sessions.",
    failing=f"{SETUP}ALTER TABLE t ADD COLUMN note text;",
    passing=f"{SETUP}SET lock_timeout = '2s';\nALTER TABLE t ADD COLUMN note text;",
    sources=("https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-LOCK-TIMEOUT",),
    fix_safety="safe",
    kinds=frozenset({"AlterTableStmt"}),
    suspect=suspect,
    confirm=confirm,
    remedy=remedy,
)
