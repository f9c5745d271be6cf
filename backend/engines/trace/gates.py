"""Sessions that stand in a statement's way, one after the other, so that it can be watched while it waits.

First a maintenance lock: it hinders neither readers nor writers, so the statement stops while it asks for
its own lock. Then, if it says CONCURRENTLY, a writer: it waits for that one instead of blocking it. Then a
reader, because some (DETACH) end with a lock that waits for readers.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING

import asyncpg

if TYPE_CHECKING:
    from backend.engines.postgres.host import Scratch

MAINTENANCE, WRITER, READER = "SHARE UPDATE EXCLUSIVE", "ROW EXCLUSIVE", "ACCESS SHARE"
CONCURRENT = (MAINTENANCE, WRITER, READER)
SHORTEST_LOCK_TIMEOUT_MS = 1000
"""A script that waits less than this for its locks is not held up: it would fail because of us."""


@contextlib.asynccontextmanager
async def side_session(scratch: Scratch, *, admin: bool = False) -> AsyncIterator[asyncpg.Connection]:
    """A session of our own that no object of the user's can deceive."""
    session = await scratch.connect(admin=admin)
    try:
        await session.execute("SET search_path = pg_catalog")
        yield session
    finally:
        if not session.is_closed():
            await session.close(timeout=5)


@contextlib.asynccontextmanager
async def gates_before(
    scratch: Scratch, connection: asyncpg.Connection, tables: Sequence[str], *, concurrent: bool
) -> AsyncIterator[Gates]:
    """The gates for a statement about ``tables`` that ``connection`` is going to run.

    None stand where there is no table, where the script has a short ``lock_timeout``, or where the tables
    cannot be locked (materialized views).
    """
    if not tables or not await _is_patient(connection):
        yield Gates([], tables)
        return
    modes = CONCURRENT if concurrent else CONCURRENT[:1]
    async with contextlib.AsyncExitStack() as stack:
        standing = [(await stack.enter_async_context(side_session(scratch)), mode) for mode in modes]
        gates = Gates(standing, tables)
        await gates.close()
        yield gates


async def _is_patient(connection: asyncpg.Connection) -> bool:
    """Whether the script's ``lock_timeout`` leaves room for holding it up a few milliseconds."""
    setting = await connection.fetchval("SELECT setting::int FROM pg_catalog.pg_settings WHERE name = 'lock_timeout'")
    return bool(setting == 0 or setting >= SHORTEST_LOCK_TIMEOUT_MS)


class Gates:
    """The gates still standing, in the order in which the statement meets them."""

    def __init__(self, standing: Sequence[tuple[asyncpg.Connection, str]], tables: Sequence[str]) -> None:
        self._standing = list(standing)
        self._tables = ", ".join(tables)

    def __bool__(self) -> bool:
        return bool(self._standing)

    async def close(self) -> None:
        """Take the locks, all but the reader's: a reader there from the start would be waited for at once."""
        for session, mode in self._standing:
            if mode != READER and not await self._lock(session, mode):
                self._standing.clear()

    async def give_way(self) -> None:
        """Let the statement pass the gate it waits at. Past the writer it meets a reader."""
        session, _ = self._standing.pop(0)
        if self._standing and self._standing[0][1] == READER and not await self._lock(*self._standing[0]):
            self._standing.clear()
        await session.execute("ROLLBACK")

    async def _lock(self, session: asyncpg.Connection, mode: str) -> bool:
        """Lock the tables; false where that cannot be had."""
        identity = "SELECT pg_current_xact_id()" if mode == WRITER else ""
        try:
            await session.execute(f"BEGIN; LOCK TABLE {self._tables} IN {mode} MODE NOWAIT; {identity}")
        except asyncpg.PostgresError:
            await session.execute("ROLLBACK")
            return False
        return True
