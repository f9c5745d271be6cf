"""Creating the user's schema in a lab's database: as its guest, without rows, and without rights and owners."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from backend.engines.lab.error import LabError
from backend.engines.trace.script import trace_statements
from knowledge.ddl import commands
from knowledge.formats.postgres_sql import read
from knowledge.statement import Statement
from knowledge.trace import SqlError

if TYPE_CHECKING:
    from backend.engines.postgres.scratch import Scratch

_LEFT_OUT = frozenset(
    "InsertStmt CopyStmt UpdateStmt DeleteStmt MergeStmt TruncateStmt VacuumStmt PsqlMeta CommentStmt SecLabelStmt"
    " GrantStmt GrantRoleStmt AlterDefaultPrivilegesStmt AlterOwnerStmt ReassignOwnedStmt RefreshMatViewStmt"
    " CreateEventTrigStmt CreatePublicationStmt CreateSubscriptionStmt".split()
)
"""Rows, rights, comments, and what concerns other servers: no plan depends on them."""

_FOREIGN = frozenset("CreateForeignServerStmt CreateForeignTableStmt CreateFdwStmt CreateUserMappingStmt".split())
_CONCURRENTLY = re.compile(r"\bconcurrently\b", re.IGNORECASE)
_UNDEFINED_OBJECT = "42704"


async def create_schema(scratch: Scratch, sql: str) -> list[str]:
    """Run the DDL of a script; what had to be left out is returned in words.

    Raises:
        LabError: a statement cannot be read or fails, with its line.
        EngineError: the database takes no session.
    """
    script = read(sql)
    if script.problems:
        problem = script.problems[0]
        raise LabError(problem.location.line, problem.message)
    notes: list[str] = []
    for trace in await trace_statements(
        scratch, _wanted(script.statements), observe=lambda _statement: False, probes=False
    ):
        if trace.error is None:
            continue
        excuse = _excuse(trace.statement, trace.error)
        if not excuse:
            raise LabError(trace.statement.location.line, _words(trace.error))
        notes.append(f"{excuse} (line {trace.statement.location.line}: {trace.error.message})")
    return notes


def without_concurrently(statement: Statement) -> Statement:
    """An index that is built at once: the lab builds it inside a transaction."""
    if statement.kind != "IndexStmt" or statement.node is None or not statement.node.concurrent:
        return statement
    return replace(statement, sql=_CONCURRENTLY.sub("", statement.sql, count=1), node=None)


def _wanted(statements: Iterable[Statement]) -> list[Statement]:
    return [
        without_concurrently(statement)
        for statement in statements
        if statement.kind not in _LEFT_OUT and not _only_owner(statement)
    ]


def _only_owner(statement: Statement) -> bool:
    if statement.kind != "AlterTableStmt" or statement.node is None:
        return False
    return all(kind == "AT_ChangeOwner" for kind, _ in commands(statement.node))


def _excuse(statement: Statement, error: SqlError) -> str:
    """Why a plan can do without this statement, or ``""``."""
    if statement.kind == "CreateExtensionStmt":
        return "an extension is missing in the lab"
    if statement.kind in _FOREIGN:
        return "foreign tables cannot be shown in the lab"
    if statement.kind == "CreatePolicyStmt" and error.sqlstate == _UNDEFINED_OBJECT:
        return "a row security policy was left out"
    return ""


def _words(error: SqlError) -> str:
    return f"{error.message} ({error.detail})" if error.detail else error.message
