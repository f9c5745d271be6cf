"""Which errors of a database mean "come back later" rather than "this is wrong"."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from .errors import UnavailableError

AGAIN = frozenset({"40001", "40P01"})
"""Serialization failure and deadlock: the transaction did nothing and may be run again."""

BUSY = frozenset({"57014", "57P01", "57P02", "57P03", "53300", "55P03", *AGAIN})
"""Statement cancelled, server going down or full, lock not had in time (PostgreSQL manual, appendix A)."""


@contextmanager
def unavailable() -> Iterator[None]:
    """Turn an outage of the database into an error the client is told to come back for.

    Raises:
        UnavailableError: no connection could be had, it was lost, or the statement took too long.
    """
    try:
        yield
    except (OSError, TimeoutError, PoolTimeoutError) as error:
        raise UnavailableError from error
    except Exception as error:
        if _is_outage(error):
            raise UnavailableError from error
        raise


def sqlstate(error: BaseException) -> str:
    """The five characters by which PostgreSQL names an error; empty for other engines and errors."""
    original = error.orig if isinstance(error, DBAPIError) else error
    return getattr(original, "sqlstate", None) or ""


def _is_outage(error: Exception) -> bool:
    state = sqlstate(error)
    if state in BUSY or state.startswith("08"):
        return True
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or "database is locked" in str(error.orig)
    return type(error).__name__ == "InterfaceError" and type(error).__module__.startswith("asyncpg")
