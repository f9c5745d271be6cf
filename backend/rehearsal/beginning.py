"""Folders that do not begin at nothing: what was there before is made up, and said."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from backend.rehearsal.replay import up_of
from knowledge.migration import Migration
from knowledge.statement import Statement
from knowledge.synthesis import Synthesis, synthesize
from knowledge.trace import SqlError

UNDEFINED = frozenset({"42P01", "42703", "42704", "3F000"})
"""undefined table, column, object, schema."""


def lacks_beginning(error: SqlError | None, before: Iterable[Statement]) -> bool:
    """Whether something undefined stopped a folder before it had created any table of its own.

    Later on, an undefined name is more likely a mistake than a missing beginning.

    Args:
        error: what stopped it.
        before: the statements that ran until then.
    """
    if error is None or error.sqlstate not in UNDEFINED:
        return False
    return not any(statement.kind == "CreateStmt" for statement in before)


def beginning_of(migrations: Sequence[Migration]) -> Synthesis | None:
    """What the migrations use and do not create; ``None`` where there is no such thing."""
    made_up = synthesize([statement for migration in migrations for statement in up_of(migration).statements])
    return made_up if made_up.sql or made_up.extensions else None
