"""The session in which the statements run: its savepoints, its messages, and its end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import asyncpg

from backend.engines.trace.execution import Outcome, copy_in, copy_out, perform
from backend.engines.trace.kinds import Course
from backend.engines.trace.messages import SAY_MORE, Words
from knowledge.statement import Statement

if TYPE_CHECKING:
    from backend.engines.postgres.host import Scratch

_SAVE = "SAVEPOINT architect_step"
_RELEASE = "RELEASE SAVEPOINT architect_step"
_UNDO = "ROLLBACK TO SAVEPOINT architect_step; RELEASE SAVEPOINT architect_step"


class Session:
    """One connection to a scratch database, opened anew when a statement ends it.

    ``saved`` tells whether our savepoint is the innermost one: it is always released before the script
    sets one of its own, so the script's nest as written.
    """

    def __init__(self, scratch: Scratch, limit: float) -> None:
        self.scratch = scratch
        self.words = Words()
        self.saved = False
        self._limit = limit
        self._connection: asyncpg.Connection | None = None

    @property
    def connection(self) -> asyncpg.Connection:
        """The connection.

        Raises:
            RuntimeError: the session is not open.
        """
        if self._connection is None:
            raise RuntimeError("use the tracer in an async with block")
        return self._connection

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open, failed or not."""
        return not self.connection.is_closed() and bool(self.connection.is_in_transaction())

    @property
    def major(self) -> int:
        """The server's major version."""
        return int(self.connection.get_server_version().major)

    async def open(self) -> None:
        """Connect, and ask for DEBUG1.

        Raises:
            EngineError: the database takes no connection.
        """
        connection = await self.scratch.connect()
        self._connection = connection
        self.saved = False
        connection.add_log_listener(self.words.hear)
        await self.say_more()

    async def say_more(self) -> None:
        """Set what tracing relies on; the script may have reset it."""
        await self.connection.execute(SAY_MORE)

    async def aclose(self) -> None:
        """End the session; an open transaction is rolled back."""
        connection, self._connection = self._connection, None
        if connection is not None and not connection.is_closed():
            try:
                await connection.close(timeout=5)
            except (TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                connection.terminate()

    async def execute(self, statement: Statement, way: Course) -> Outcome:
        """Run a statement, with its COPY data if it has any."""
        connection, sql = self.connection, statement.sql
        self.words.drain()
        if way is Course.COPY_IN:
            return await self._guarded(lambda: copy_in(connection, sql, statement.copy_data))
        if way is Course.COPY_OUT:
            return await self._guarded(lambda: copy_out(connection, sql))
        return await self.perform(sql)

    async def perform(self, sql: str) -> Outcome:
        """Run text as it stands."""
        connection = self.connection
        return await self._guarded(lambda: connection.execute(sql))

    async def _guarded(self, run: Callable[[], Awaitable[Any]]) -> Outcome:
        outcome = await perform(self.connection, self.scratch, run, self._limit)
        if outcome.lost:
            self.connection.terminate()
            await self.open()
        return outcome

    async def save(self) -> None:
        """Set our savepoint anew: one round trip."""
        await self.connection.execute(f"{_RELEASE}; {_SAVE}" if self.saved else _SAVE)
        self.saved = True

    async def release(self) -> None:
        """Give up our savepoint, keeping what was done since."""
        if self.saved:
            await self.connection.execute(_RELEASE)
            self.saved = False

    async def undo(self) -> bool:
        """Go back to our savepoint; without one the whole transaction is given up, and the answer is false."""
        saved, self.saved = self.saved, False
        await self.connection.execute(_UNDO if saved else "ROLLBACK")
        return saved
