"""The database a rehearsal moves along, and how to get back to where it was when something broke it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Self

from backend.engines.trace import Tracer
from backend.rehearsal.outcome import Failure
from backend.rehearsal.replay import replay_in, up_of
from backend.review.groundwork import prepare
from knowledge.migration import Migration
from knowledge.synthesis import Synthesis

if TYPE_CHECKING:
    import asyncpg

    from backend.engines.postgres.host import PostgresHost, Scratch


class Line:
    """A scratch database in which migrations run one after the other.

    Args:
        host: where to make it.
        timeout_seconds: limit of one statement.
        groundwork: what the folder needs and does not create; ``None`` where it stands alone.
    """

    def __init__(self, host: PostgresHost, timeout_seconds: float, groundwork: Synthesis | None = None) -> None:
        self._host, self._seconds, self._groundwork = host, timeout_seconds, groundwork
        self._stack = AsyncExitStack()
        self.notes: list[str] = []
        """What of the groundwork could not be made."""
        self.scratch: Scratch
        self._tracer: Tracer | None = None
        """The session of one plain replay after the other."""

    async def __aenter__(self) -> Self:
        await self._open()
        return self

    async def __aexit__(self, *_: object) -> None:
        try:
            await self.rest()
        finally:
            await self._stack.aclose()

    async def rest(self) -> None:
        """End the session of plain replays: before a snapshot nobody may be connected."""
        tracer, self._tracer = self._tracer, None
        if tracer is not None:
            await tracer.aclose()

    async def _open(self) -> None:
        self.scratch = await self._stack.enter_async_context(self._host.scratch())
        if self._groundwork is not None:
            self.notes = await prepare(self.scratch, self._groundwork)

    async def replay(self, migration: Migration) -> Failure | None:
        """Run a migration's up without looking, in a session as good as new."""
        if self._tracer is None:
            tracer = Tracer(self.scratch, probes=False, timeout_seconds=self._seconds)
            self._tracer = await tracer.__aenter__()
        failure = await replay_in(self._tracer, up_of(migration), transactional=migration.transactional)
        await self._tracer.renew()
        return failure

    async def start_again(self, migrations: Sequence[Migration]) -> Failure | None:
        """Leave the database to its fate and replay ``migrations`` in a new one."""
        await self.rest()
        await self._stack.aclose()
        await self._open()
        for migration in migrations:
            if failure := await self.replay(migration):
                return failure
        return None

    @asynccontextmanager
    async def session(self) -> AsyncIterator[asyncpg.Connection]:
        """A guest's session for the length of a block."""
        connection = await self.scratch.connect()
        try:
            yield connection
        finally:
            await connection.close()
