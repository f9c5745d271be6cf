"""A log of queries as plain data, whoever wrote it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class LoggedQuery:
    """One execution of one statement."""

    sql: str
    """As it was logged: with placeholders, or with the values written out."""
    parameters: tuple[str, ...] = ()
    """Values of the placeholders in order, as text; empty where none were logged."""
    line: int = 0
    session: str = ""
    """Process, connection or trace it belongs to; ``""`` where the log is of one session."""
    transaction: str = ""
    at: float | None = None
    """Seconds, from any moment."""
    milliseconds: float | None = None
    calls: int = 1
    """How often, in a log that adds up (``pg_stat_statements``)."""


@dataclass(frozen=True)
class QueryLog:
    """All of a log, in its order."""

    notation: str
    """``postgres``, ``sqlalchemy``, ``prisma``, ``drizzle``, ``json`` or ``pg_stat_statements``."""
    queries: tuple[LoggedQuery, ...]
    problems: tuple[str, ...] = ()
    """Lines that could not be read, in words."""
