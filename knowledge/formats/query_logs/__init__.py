"""Logs of queries: PostgreSQL's, SQLAlchemy's, Prisma's, Drizzle's, JSON lines, and ``pg_stat_statements``."""

from __future__ import annotations

from collections.abc import Callable

from knowledge.formats.query_logs import drizzle, json_lines, pg_stat_statements, postgres, prisma, sqlalchemy_echo
from knowledge.query_log.model import QueryLog

MAX_CHARACTERS = 64 * 1024 * 1024


class QueryLogError(ValueError):
    """Text that is no log of queries; the message says what was looked for."""


Reader = Callable[[str], QueryLog]
READERS: tuple[tuple[Callable[[str], bool], Reader], ...] = (
    (pg_stat_statements.looks_like, pg_stat_statements.read),
    (sqlalchemy_echo.looks_like, sqlalchemy_echo.read),
    (drizzle.looks_like, drizzle.read),
    (prisma.looks_like, prisma.read),
    (json_lines.looks_like, json_lines.read),
    (postgres.looks_like, postgres.read),
)


def looks_like_log(text: str) -> bool:
    """Whether some reader knows this text by its beginning."""
    return any(knows(text) for knows, _ in READERS)


def read(text: str) -> QueryLog:
    """The queries of a log.

    Raises:
        QueryLogError: it is no log that is known, too large, or holds no query.
    """
    if len(text) > MAX_CHARACTERS:
        raise QueryLogError(f"the log has {len(text):,} characters; the limit is {MAX_CHARACTERS:,}. Give a part of it")
    for knows, reader in READERS:
        if knows(text):
            log = reader(text)
            if not log.queries:
                raise QueryLogError(f"this looks like a log of {log.notation}, but no query could be read in it")
            return log
    raise QueryLogError(
        "this is no log of queries that is known: PostgreSQL (log_statement or log_min_duration_statement), "
        "SQLAlchemy echo, Prisma, Drizzle, JSON lines with a query each, or pg_stat_statements as CSV or JSON"
    )
