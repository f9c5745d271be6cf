"""How a statement has to be run and watched, read from its syntax tree."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Any

from knowledge.statement import Statement


class Course(StrEnum):
    """The way a statement is run."""

    META = "meta"
    """A psql meta-command: nothing PostgreSQL could run."""
    CONTROL = "control"
    """BEGIN, COMMIT, ROLLBACK, SAVEPOINT...: obeyed as written."""
    MODE = "mode"
    """Sets the transaction's mode: no query may come before it, and no savepoint around it."""
    SETTING = "setting"
    """SET, RESET, SHOW: touches no relation, and has another meaning outside a transaction."""
    SESSION = "session"
    """LOCK, DECLARE, DISCARD...: works, or fails, by whether the script has a transaction open."""
    ALONE = "alone"
    """Refuses to run inside a transaction."""
    INSERT = "insert"
    """INSERT of literal rows: takes the weakest write lock and nothing else."""
    COPY_IN = "copy in"
    COPY_OUT = "copy out"
    EXTENSION = "extension"
    ROLE = "role"
    """CREATE ROLE: roles belong to the whole server, so that another database's may be in the way."""
    PLAIN = "plain"


_COURSES = {
    "TransactionStmt": Course.CONTROL,
    "VariableShowStmt": Course.SETTING,
    "LockStmt": Course.SESSION,
    "DeclareCursorStmt": Course.SESSION,
    "FetchStmt": Course.SESSION,
    "ClosePortalStmt": Course.SESSION,
    "DiscardStmt": Course.SESSION,
    "DeallocateStmt": Course.SESSION,
    "CreatedbStmt": Course.ALONE,
    "DropdbStmt": Course.ALONE,
    "CreateTableSpaceStmt": Course.ALONE,
    "DropTableSpaceStmt": Course.ALONE,
    "AlterSystemStmt": Course.ALONE,
    "CreateSubscriptionStmt": Course.ALONE,
    "AlterSubscriptionStmt": Course.ALONE,
    "DropSubscriptionStmt": Course.ALONE,
    "CreateExtensionStmt": Course.EXTENSION,
    "CreateRoleStmt": Course.ROLE,
}
"""Kinds with one course each; the others are decided by :data:`_DECIDERS`."""

_MODES = frozenset({"TRANSACTION", "TRANSACTION SNAPSHOT"})
_MODE_SETTINGS = frozenset({"transaction_isolation", "transaction_read_only", "transaction_deferrable"})
_OURS = frozenset({"client_min_messages", "max_parallel_maintenance_workers"})
_COMMITS = re.compile(r"\b(?:commit|rollback)\s*;", re.IGNORECASE)
_DETACH = re.compile(r"\bdetach\s+partition\b.*\bconcurrently\b", re.IGNORECASE | re.DOTALL)


def course(statement: Statement) -> Course:
    """The course of ``statement``; what was not parsed is left to the server to refuse."""
    if statement.sql.lstrip().startswith("\\"):
        return Course.META
    if statement.node is None:
        return Course.PLAIN
    fixed = _COURSES.get(statement.kind)
    if fixed is not None:
        return fixed
    decide = _DECIDERS.get(statement.kind)
    return decide(statement) if decide is not None else Course.PLAIN


def is_concurrent(statement: Statement) -> bool:
    """Whether the statement says CONCURRENTLY."""
    return "concurrently" in statement.sql.lower()


def control_word(statement: Statement) -> str:
    """What a transaction statement does: ``BEGIN``, ``COMMIT``, ``ROLLBACK``, ``ROLLBACK_TO``..."""
    values = statement.node.DESCRIPTOR.fields_by_name["kind"].enum_type.values_by_number
    return str(values[statement.node.kind].name).removeprefix("TRANS_STMT_")


def disturbs_messages(statement: Statement) -> bool:
    """Whether a SET or RESET touches the settings that tracing relies on."""
    name = str(getattr(statement.node, "name", ""))
    return statement.kind == "VariableSetStmt" and (name in _OURS or "reset" in statement.sql.lower())


def freezes(statement: Statement) -> bool:
    """Whether a COPY asks for FREEZE, which works only in the subtransaction that made the table."""
    return statement.kind == "CopyStmt" and "freeze" in statement.sql.lower()


def relation_names(statement: Statement) -> list[tuple[str, str]]:
    """Schema (or ``""``) and name of the relations an ALONE statement names; none means all."""
    node, kind = statement.node, statement.kind
    if kind == "DropStmt":
        return [_dropped(item) for item in node.objects]
    if kind == "VacuumStmt":
        ranges = [item.vacuum_relation.relation for item in node.rels]
    elif kind == "AlterTableStmt":
        commands = [item.alter_table_cmd for item in node.cmds]
        partitions = [getattr(command, "def").partition_cmd.name for command in commands]
        ranges = [node.relation, *partitions]
    else:
        relation = getattr(node, "relation", None)
        ranges = [relation] if relation is not None else []
    return [(item.schemaname, item.relname) for item in ranges if item.relname]


def _dropped(item: Any) -> tuple[str, str]:
    parts = [part.string.sval for part in item.list.items]
    return (parts[-2] if len(parts) > 1 else "", parts[-1])


def _setting(statement: Statement) -> Course:
    node = statement.node
    mode = node.name in _MODES or (node.name in _MODE_SETTINGS)
    return Course.MODE if mode else Course.SETTING


def _insert(statement: Statement) -> Course:
    node = statement.node
    literal = bool(node.select_stmt.select_stmt.values_lists) and not node.HasField("with_clause")
    return Course.INSERT if literal and "select" not in statement.sql.lower() else Course.PLAIN


def _copy(statement: Statement) -> Course:
    node = statement.node
    if node.filename or node.is_program:
        return Course.PLAIN
    return Course.COPY_IN if node.is_from else Course.COPY_OUT


def _concurrent_field(statement: Statement) -> Course:
    return Course.ALONE if statement.node.concurrent else Course.PLAIN


def _reindex(statement: Statement) -> Course:
    options = {item.def_elem.defname for item in statement.node.params}
    whole = not statement.node.relation.relname
    return Course.ALONE if whole or "concurrently" in options else Course.PLAIN


def _alter_table(statement: Statement) -> Course:
    return Course.ALONE if _DETACH.search(statement.sql) else Course.PLAIN


def _vacuum(statement: Statement) -> Course:
    return Course.ALONE if statement.node.is_vacuumcmd else Course.PLAIN


def _cluster(statement: Statement) -> Course:
    return Course.PLAIN if statement.node.relation.relname else Course.ALONE


def _do(statement: Statement) -> Course:
    """A block that commits does so only where no transaction is open around it."""
    return Course.ALONE if _COMMITS.search(statement.sql) else Course.PLAIN


_DECIDERS = {
    "VariableSetStmt": _setting,
    "InsertStmt": _insert,
    "CopyStmt": _copy,
    "IndexStmt": _concurrent_field,
    "DropStmt": _concurrent_field,
    "ReindexStmt": _reindex,
    "AlterTableStmt": _alter_table,
    "VacuumStmt": _vacuum,
    "ClusterStmt": _cluster,
    "DoStmt": _do,
}
