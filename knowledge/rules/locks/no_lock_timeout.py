"""Strong locks awaited without end: while a statement waits, everybody queues behind it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from knowledge.ddl import commands, definition, dropped_name, enum_name, is_table, plain, table_name, table_of_dropped
from knowledge.report import Fix, Severity, Step
from knowledge.rules.earlier import before_it
from knowledge.rules.observation import HOW, executed, others_see
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
        "AT_DetachPartitionFinalize",
    }
)
"""Sub-commands that let readers and writers pass, or usually do."""

KINDS = frozenset({"AlterTableStmt", "RenameStmt", "DropStmt"})
SETTLING = KINDS | {"VariableSetStmt"}
RENAMES = frozenset({"OBJECT_TABLE", "OBJECT_COLUMN", "OBJECT_TABCONSTRAINT", "OBJECT_MATVIEW"})
DROPS = frozenset({"OBJECT_TABLE", "OBJECT_INDEX", "OBJECT_TRIGGER", "OBJECT_POLICY", "OBJECT_MATVIEW"})


def suspect(context: StatementContext) -> Iterator[Hit]:
    """The first statement of a file that needs ACCESS EXCLUSIVE on a table of before, without a lock_timeout."""
    table = exclusive(context.statement)
    if not table or table in context.created:
        return
    if any(settles(statement, context) for statement in before_it(context, SETTLING)):
        return
    yield Hit(
        subject=table,
        message=f"waits for {_whom(context, table)} without a lock_timeout: behind it every new read and write queues",
        statement=context.statement,
        detail=(table,),
    )


def _whom(context: StatementContext, name: str) -> str:
    """What is waited for: of a dropped index it is the table."""
    node = context.statement.node
    if context.statement.kind != "DropStmt" or enum_name(node, "remove_type") != "OBJECT_INDEX":
        return name
    index = name.rpartition(".")[2]
    owners = [table.qualified for table in context.before.tables if any(item.name == index for item in table.indexes)]
    return owners[0] if owners else f"the table of index {index}"


def exclusive(statement: Statement) -> str:
    """The table (or what stands for it) that a statement takes ACCESS EXCLUSIVE on, or ``""``."""
    node, kind = statement.node, statement.kind
    if node is None:
        return ""
    if kind == "AlterTableStmt":
        return table_name(node.relation) if is_table(node) and any(map(_is_strong, commands(node))) else ""
    if kind == "RenameStmt":
        return table_name(node.relation) if enum_name(node, "rename_type") in RENAMES else ""
    if kind == "DropStmt" and not node.concurrent and enum_name(node, "remove_type") in DROPS:
        of_table = enum_name(node, "remove_type") in ("OBJECT_TRIGGER", "OBJECT_POLICY")
        return table_of_dropped(node) if of_table else dropped_name(node)
    return ""


def _is_strong(part: tuple[str, Any]) -> bool:
    kind, command = part
    if kind == "AT_DetachPartition":
        return not definition(command).partition_cmd.concurrent
    return kind not in HARMLESS


def settles(statement: Statement, context: StatementContext) -> bool:
    """Whether an earlier statement set a timeout that still holds, or already had this finding."""
    if statement.kind == "VariableSetStmt":
        gone = statement.node.is_local and not any(statement is other for other in context.earlier)
        return sets_timeout(statement) and not gone
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
        strong = lock.mode is LockMode.ACCESS_EXCLUSIVE and not lock.is_index
        if strong and others_see(context, lock.relation):
            return Confirmation(HOW, f"{lock.mode.value} on {plain(lock.relation)}; nothing before sets lock_timeout")
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
    kinds=KINDS,
    suspect=suspect,
    confirm=confirm,
    remedy=remedy,
)
