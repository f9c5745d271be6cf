"""The server a host works on, our own or an operator's, and the administrator's one session on it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backend.engines.postgres.binaries import EngineError, find_binaries
from backend.engines.postgres.launcher import ADMIN, MEMORY_LIMIT, RunningServer, launch

if TYPE_CHECKING:
    import asyncpg

FAREWELL_SECONDS = 5.0
RIGHTS = "SELECT rolsuper OR rolcreatedb AND rolcreaterole, rolname FROM pg_roles WHERE rolname = current_user"


class Administration:
    """Starts the server when it is first needed, and runs administrative statements one at a time.

    Args:
        binaries: a ``bin`` folder to use in place of the embedded programs.
        url: an operator's server to use in place of one of our own.
        lost: called when the server of before is gone, and with it all that was in it.
        memory_limit: bytes of address space that each process of our own server may have.
    """

    def __init__(
        self, binaries: Path | None, url: str, lost: Callable[[], None], memory_limit: int = MEMORY_LIMIT
    ) -> None:
        self._configured = binaries
        self._memory_limit = memory_limit
        self._url = url
        self._lost = lost
        self._launching: asyncio.Future[RunningServer] | None = None
        self._session: asyncpg.Connection | None = None
        self._starting = asyncio.Lock()
        self._in_use = asyncio.Lock()
        self.server: RunningServer | None = None
        self.version = 0

    @property
    def is_started(self) -> bool:
        """Whether there is a server to speak to."""
        return self._session is not None and not self._session.is_closed() and not self.is_lost

    @property
    def is_lost(self) -> bool:
        """Whether a server of our own died, and with it all that was in it."""
        return self.server is not None and self.server.process.poll() is not None

    async def start(self) -> None:
        """Start the server unless it runs.

        Raises:
            EngineError: no programs, no start, or the operator's server refuses us.
        """
        async with self._starting:
            if self.is_started:
                return
            if not self._url and (self.server is None or self.is_lost):
                await self._launch()
            session = await self.connect("" if self._url else "postgres")
            try:
                await (self._check_rights(session) if self._url else self._lock_doors(session))
            except BaseException:
                await session.close()
                raise
            self._session = session
            self.version = session.get_server_version().major

    async def _launch(self) -> None:
        """Start a server in a thread; a start whose caller was cancelled is taken up by the next one."""
        if self.server is not None:
            dead, self.server = self.server, None
            self._lost()
            if self._session is not None:
                self._session.terminate()
            await asyncio.to_thread(dead.stop)
        if self._launching is None:
            configured, limit = self._configured, self._memory_limit
            self._launching = asyncio.ensure_future(
                asyncio.to_thread(lambda: launch(find_binaries(configured), memory_limit=limit))
            )
        launching = self._launching
        try:
            self.server = await asyncio.shield(launching)
        finally:
            if launching.done():
                self._launching = None

    async def _check_rights(self, session: asyncpg.Connection) -> None:
        enough, role = await session.fetchrow(RIGHTS)
        if not enough:
            raise EngineError(
                f'role "{role}" of the configured server may not create databases and roles;'
                f' let it: ALTER ROLE "{role}" CREATEDB CREATEROLE'
            )

    async def _lock_doors(self, session: asyncpg.Connection) -> None:
        """Keep guests, and the roles they make, out of the databases that belong to nobody."""
        await session.execute("REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC")

    async def stop(self, unless: Callable[[], bool] = lambda: False) -> None:
        """End the session and stop our own server, unless ``unless`` says otherwise once it is our turn."""
        async with self._starting:
            if unless():
                return
            if self._launching is not None:
                with contextlib.suppress(EngineError):
                    self.server = await self._launching
                self._launching = None
            if self._session is not None:
                session, self._session = self._session, None
                await self._farewell(session)
            if self.server is not None:
                server, self.server = self.server, None
                await asyncio.to_thread(server.stop)
            self._lost()

    async def _farewell(self, session: asyncpg.Connection) -> None:
        """Close a session, whatever state a cancelled statement or a dead server left it in."""
        import asyncpg

        if self.is_lost:
            session.terminate()
            return
        try:
            await session.close(timeout=FAREWELL_SECONDS)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            session.terminate()

    async def connect(self, database: str, *, user: str = "", password: str = "") -> asyncpg.Connection:
        """Open a session on ``database``, as the administrator unless a user is named.

        Raises:
            EngineError: the server does not answer or refuses us.
        """
        import asyncpg

        try:
            return await asyncpg.connect(**self._address(database, user, password))
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            raise EngineError(f"PostgreSQL refused a connection to {database or 'the server'}: {error}") from error

    def _address(self, database: str, user: str, password: str) -> dict[str, Any]:
        if self._url:
            named: dict[str, Any] = {"database": database} if database else {}
            if user:
                named |= {"user": user, "password": password}
            return {"dsn": self._url, "statement_cache_size": 0, **named}
        if self.server is None:
            raise EngineError("the server is not started; await host.start() first")
        return {
            "host": str(self.server.socket_dir),
            "port": 5432,
            "database": database,
            "user": user or ADMIN,
            "password": password or self.server.password,
            "statement_cache_size": 0,
        }

    @asynccontextmanager
    async def session(self) -> AsyncIterator[asyncpg.Connection]:
        """The administrator's session, for nobody else while the block lasts."""
        await self.start()
        async with self._in_use:
            if self._session is None:
                raise EngineError("the server was stopped meanwhile; run this again")
            yield self._session

    async def execute(self, *statements: str) -> None:
        """Run administrative statements one after the other, each in a transaction of its own."""
        async with self.session() as session:
            for statement in statements:
                await session.execute(statement)
