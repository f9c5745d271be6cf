"""Strong locks awaited without end: while a statement waits, everybody queues behind it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from knowledge.ddl import commands, enum_name, is_table, plain, strings, table_name
from knowledge.report import Fix, Severity, Step
from knowledge.rules.observation import HOW, executed
from knowledge.rules.rule import Confirmation, Hit, StatementContext, StatementRule
from knowledge.statement import Statement
from knowledge.trace import LockMode

HARMLESS = frozenset(
    {
        "AT_ValidateConstraint",
        "AT_SetStatistics",
        "AT_SetOptions",
        "AT_ResetOptions",
        "AT_SetRelOptions",
        "AT_ResetRelOptions",
        "AT_ClusterOn",
        "AT_DropCluster",
        "AT_AttachPartition",
        "AT_DetachPartition",
    }
)
"""Sub-commands that let readers and writers pass, or usually do."""

DROPS = frozenset({"OBJECT_TABLE", "OBJECT_INDEX", "OBJECT_TRIGGER", "OBJECT_POLICY", "OBJECT_MATVIEW"})


def suspect(context: StatementContext) -> Iterator[Hit]:
    """The first statement of a file that needs ACCESS EXCLUSIVE on a table of before, without a lock_timeout."""
    table = exclusive(context.statement)
    if not table or table in context.created:
        return
    if any(settles(statement, context) for statement in context.earlier):
        return
    if context.script is not None:
        for statement in context.script.statements:
            if statement.offset >= context.statement.offset:
                break
            if settles(statement, context, across=True):
                return
    yield Hit(
        subject=table,
        message=f"waits for {table} without a lock_timeout: behind it every new read and write queues",
        statement=context.statement,
        detail=(table,),
    )


def exclusive(statement: Statement) -> str:
    """The table (or what stands for it) that a statement takes ACCESS EXCLUSIVE on, or ``""``."""
    node, kind = statement.node, statement.kind
    if node is None:
        return ""
    if kind == "AlterTableStmt":
        strong = is_table(node) and any(change not in HARMLESS for change, _ in commands(node))
        return table_name(node.relation) if strong else ""
    if kind == "RenameStmt":
        return table_name(node.relation) if node.HasField("relation") else ""
    if kind == "DropStmt" and not node.concurrent and enum_name(node, "remove_type") in DROPS:
        return _dropped(node)
    return ""


def _dropped(node: Any) -> str:
    parts = strings(node.objects[0].list.items)
    if enum_name(node, "remove_type") in ("OBJECT_TRIGGER", "OBJECT_POLICY"):
        parts = parts[:-1]
    return ".".join(parts if len(parts) > 1 else ("public", *parts))


def settles(statement: Statement, context: StatementContext, *, across: bool = False) -> bool:
    """Whether an earlier statement set a timeout, or already had this finding: one a file is enough.

    ``across``: the statement may stand in another transaction, whose SET LOCAL is gone.
    """
    if statement.kind == "VariableSetStmt":
        return sets_timeout(statement) and not (across and statement.node.is_local)
    table = exclusive(statement)
    return bool(table) and table not in context.created


def sets_timeout(statement: Statement) -> bool:
    """SET [LOCAL] lock_timeout to something that is not 0."""
    node = statement.node
    if node is None or node.name != "lock_timeout":
        return False
    value = "".join(str(item.a_const.ival.ival or item.a_const.sval.sval) for item in node.args)
    return value not in ("", "0")


def confirm(hit: Hit, context: StatementContext) -> Confirmation | None:
    """A table of before was locked exclusively."""
    trace = context.trace
    if trace is None or not executed(context):
        return None
    for lock in trace.locks:
        table = plain(lock.relation)
        if lock.mode is LockMode.ACCESS_EXCLUSIVE and not lock.is_index and table not in context.created:
            return Confirmation(HOW, f"{lock.mode.value} on {table}; no earlier statement sets lock_timeout")
    return None


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
        "as long as that query. lock_timeout bounds it. Said once a file, at the first such statement."
    ),
    unless="The migration tool, or the role it connects as, sets lock_timeout.",
    failing=f"{SETUP}ALTER TABLE t ADD COLUMN note text;\nALTER TABLE t ADD COLUMN more text;",
    passing=f"{SETUP}SET lock_timeout = '2s';\nBEGIN;\nALTER TABLE t ADD COLUMN note text;\nCOMMIT;",
    sources=("https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-LOCK-TIMEOUT",),
    fix_safety="safe",
    kinds=frozenset({"AlterTableStmt", "RenameStmt", "DropStmt"}),
    suspect=suspect,
    confirm=confirm,
    remedy=remedy,
)
