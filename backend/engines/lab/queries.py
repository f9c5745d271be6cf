"""Which SQL the lab plans: one statement that has a plan, never executed."""

from __future__ import annotations

import re

from backend.engines.lab.error import LabError
from knowledge.formats.postgres_sql import read
from knowledge.formats.sql_lexer import bare
from knowledge.statement import Statement

PLANNABLE = frozenset({"SelectStmt", "InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt"})
"""Kinds of statements that are planned; VALUES, TABLE and WITH are among them."""

_PLACEHOLDER = re.compile(r"\$(\d{1,5})\b")


def plannable(sql: str) -> Statement:
    """The statement without what stands before and behind it (comments, ``;``).

    Raises:
        LabError: it is not exactly one statement that PostgreSQL plans.
    """
    statement = single(sql)
    if statement.kind not in PLANNABLE:
        raise LabError(statement.location.line, "only SELECT, INSERT, UPDATE, DELETE, MERGE and VALUES have a plan")
    if statement.kind == "SelectStmt" and statement.node is not None and statement.node.HasField("into_clause"):
        raise LabError(statement.location.line, "SELECT INTO creates a table; plan the SELECT without INTO")
    return statement


def single(sql: str) -> Statement:
    """The only statement of ``sql``.

    Raises:
        LabError: there are none, several, or it cannot be read.
    """
    script = read(sql)
    if script.problems:
        problem = script.problems[0]
        raise LabError(problem.location.line, problem.message)
    if len(script.statements) != 1:
        line = script.statements[1].location.line if script.statements else 0
        raise LabError(line, f"one statement is planned at a time, and here are {len(script.statements)}")
    return script.statements[0]


def placeholders(sql: str) -> int:
    """How many parameters (``$1`` and on) it takes; those in strings and comments do not count."""
    return max(map(int, _PLACEHOLDER.findall(bare(sql))), default=0) if "$" in sql else 0
