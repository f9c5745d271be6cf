"""Run one piece of SQL with a limit, and end it on the server when the limit or the caller says so."""

from __future__ import annotations

import asyncio
import codecs
import contextlib
import io
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import asyncpg

from knowledge.trace import SqlError

if TYPE_CHECKING:
    from backend.engines.postgres.host import Scratch

GRACE_SECONDS = 2.0
"""How long a cancelled statement may take to give up before its session is ended."""
_COUNTED = frozenset({"INSERT", "UPDATE", "DELETE", "MERGE", "COPY"})
_TERMINATED = "terminating connection"
_LOST = frozenset({"57P01", "57P02", "57P03", "57P05", "08000", "08003", "08006"})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came back. ``lost`` is true if the session is gone."""

    tag: str = ""
    seconds: float = 0.0
    error: SqlError | None = None
    lost: bool = False

    @property
    def rows(self) -> int:
        """Rows an INSERT, UPDATE, DELETE, MERGE or COPY touched."""
        words = self.tag.split()
        return int(words[-1]) if words and words[0] in _COUNTED and words[-1].isdigit() else 0


def sql_error(error: BaseException) -> SqlError:
    """An exception of the driver in PostgreSQL's terms."""
    if isinstance(error, asyncpg.PostgresError):
        return SqlError(
            getattr(error, "sqlstate", "") or "",
            getattr(error, "message", None) or str(error),
            getattr(error, "detail", None) or "",
            getattr(error, "hint", None) or "",
        )
    return SqlError("08006", f"the connection failed: {error or type(error).__name__}")


async def perform(
    connection: asyncpg.Connection, scratch: Scratch, run: Callable[[], Awaitable[Any]], limit: float
) -> Outcome:
    """Await ``run()`` for at most ``limit`` seconds.

    At the limit the server is told to cancel, and if that is ignored, to end the session. If the caller
    is cancelled the same happens before the cancellation goes on.
    """
    pid = connection.get_server_pid()
    began = time.perf_counter()
    work = asyncio.ensure_future(run())
    try:
        done, _ = await asyncio.wait({work}, timeout=limit)
    except asyncio.CancelledError:
        await _finish(asyncio.ensure_future(_stop(connection, scratch, pid, work)))
        raise
    if not done:
        ended = await _finish(asyncio.ensure_future(_stop(connection, scratch, pid, work)))
        error = SqlError(
            "57014",
            f"the statement was cancelled: it ran longer than {limit:g} s",
            "" if ended else "it ignored the cancellation, so its session was ended",
        )
        return Outcome("", time.perf_counter() - began, error, connection.is_closed())
    seconds = time.perf_counter() - began
    failure = work.exception()
    if failure is None:
        return Outcome(str(work.result() or ""), seconds)
    if isinstance(failure, AttributeError):
        # asyncpg 0.32 has no answer for a text without a statement, such as a lone comment.
        return Outcome("", seconds)
    if not isinstance(failure, (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, ValueError)):
        raise failure
    error = sql_error(failure)
    lost = connection.is_closed() or error.sqlstate in _LOST
    if lost:
        if _TERMINATED in error.message:
            error = SqlError("57P01", error.message[error.message.index(_TERMINATED) :])
        detail = "the session ended during this statement, and nothing of its transaction is left"
        error = SqlError(error.sqlstate, error.message, detail)
    return Outcome("", seconds, error, lost)


async def _stop(connection: asyncpg.Connection, scratch: Scratch, pid: int, work: asyncio.Future[Any]) -> bool:
    """End ``work`` on the server; whether cancelling was enough."""
    with contextlib.suppress(Exception):
        control = await scratch.connect(admin=True)
        try:
            for order in ("pg_cancel_backend", "pg_terminate_backend"):
                await control.execute(f"SELECT pg_catalog.{order}({pid})")
                done, _ = await asyncio.wait({work}, timeout=GRACE_SECONDS)
                if done:
                    work.exception()
                    return order == "pg_cancel_backend"
        finally:
            await control.close()
    connection.terminate()
    await asyncio.wait({work}, timeout=GRACE_SECONDS)
    if not work.cancel() and not work.cancelled():
        work.exception()
    return False


async def _finish(task: asyncio.Future[bool]) -> bool:
    """Wait for a task that has to end even while the waiter is being cancelled again and again."""
    while not task.done():
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.shield(task)
    return task.result()


async def copy_in(connection: asyncpg.Connection, sql: str, rows: str) -> str:
    """Run ``COPY ... FROM stdin`` exactly as written and send ``rows``.

    asyncpg's public method builds a COPY of its own from a list of options; the statement under test is
    the user's, so the method beneath it is called.
    """
    data = rows if not rows or rows.endswith("\n") else rows + "\n"
    source = io.BytesIO(data.encode(_encoding(connection), errors="surrogateescape"))
    return str(await connection._copy_in(sql, source, None))


async def copy_out(connection: asyncpg.Connection, sql: str) -> str:
    """Run ``COPY ... TO stdout`` exactly as written and let the rows go."""

    async def discard(_data: bytes) -> None:
        return None

    return str(await connection._copy_out(sql, discard, None))


def _encoding(connection: asyncpg.Connection) -> str:
    name = str(getattr(connection.get_settings(), "client_encoding", "utf-8"))
    try:
        return codecs.lookup(name).name
    except LookupError:
        return "utf-8"
