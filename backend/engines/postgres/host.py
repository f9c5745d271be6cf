"""One warm PostgreSQL for the whole process, and scratch databases inside it.

SQL that we did not write runs as a *guest*: a role of its own, without any privilege outside the one
database it was made for. Snapshots of a scratch database, and databases made from them, form a
*lineage* that shares one guest, because the objects in them belong to it.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from backend.engines.postgres.administration import Administration
from backend.engines.postgres.binaries import Binaries, EngineError
from backend.engines.postgres.extensions import HARMLESS_EXTENSIONS
from backend.engines.postgres.guests import (
    NAME,
    SAFE_CREATEROLE,
    Lineage,
    creation,
    defaults,
    drop_roles,
    new_lineage,
)
from backend.engines.postgres.launcher import ADMIN, MEMORY_LIMIT, RunningServer
from backend.engines.postgres.quota import DATABASE_LIMIT, guard
from backend.engines.postgres.scratch import Scratch

if TYPE_CHECKING:
    import asyncpg

IDLE_SECONDS = 900.0

TERMINATE = """DO $do$ BEGIN
  PERFORM pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}';
  FOR attempt IN 1..2500 LOOP
    PERFORM pg_stat_clear_snapshot();
    EXIT WHEN NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = '{name}');
    PERFORM pg_sleep(0.002);
  END LOOP;
END $do$"""
"""``pg_terminate_backend(pid, timeout)`` looks only every 100 ms; this looks every 2."""


class PostgresHost:
    """A PostgreSQL server, started at first use and again after it stopped for lack of work.

    Args:
        binaries: a ``bin`` folder to use in place of the embedded programs.
        url: an operator's server to use in place of one of our own. Its role needs CREATEDB and CREATEROLE;
            databases and roles made there have names that begin with ``architect_`` and are dropped.
        idle_seconds: after how long without a scratch database or snapshot our own server stops.
        database_limit: bytes a scratch database on our own server may grow to before its sessions are ended.
        memory_limit: bytes of address space that each process of our own server may have.
    """

    def __init__(
        self,
        binaries: Path | None = None,
        url: str = "",
        *,
        idle_seconds: float = IDLE_SECONDS,
        database_limit: int = DATABASE_LIMIT,
        memory_limit: int = MEMORY_LIMIT,
    ) -> None:
        self._administration = Administration(binaries, url, self._forget, memory_limit)
        self._own = not url
        self._idle_seconds = idle_seconds
        self._database_limit = database_limit
        self._lineages: dict[str, Lineage] = {}
        self._undropped: set[str] = set()
        self._oids: dict[str, int] = {}
        self._guard: asyncio.Task[None] | None = None
        self._idle: asyncio.TimerHandle | None = None
        self._idle_stop: asyncio.Task[None] | None = None

    @property
    def version(self) -> int:
        """PostgreSQL's major version; 0 before the start."""
        return self._administration.version

    @property
    def server(self) -> RunningServer | None:
        """The server we started; ``None`` before the start and with an operator's URL."""
        return self._administration.server

    @property
    def stand_ins(self) -> frozenset[str]:
        """Extensions that are plain SQL stand-ins of ours on this server."""
        return self.server.stand_ins if self.server is not None else frozenset()

    async def start(self) -> None:
        """Start the server unless it runs.

        Raises:
            EngineError: no programs, no start, or the operator's server refuses us.
        """
        await self._administration.start()

    async def aclose(self) -> None:
        """Drop what is left, end our session and stop the server; a second call does nothing."""
        self._busy()
        if self._guard is not None:
            guarding, self._guard = self._guard, None
            guarding.cancel()
            await asyncio.gather(guarding, return_exceptions=True)
        if not self._own and self._administration.is_started:
            for name in list(self._lineages):
                await self.drop(name)
        await self._administration.stop()

    def _forget(self) -> None:
        """Forget the databases of a server that is gone."""
        self._lineages.clear()
        self._oids.clear()
        self._undropped.clear()

    def _busy(self) -> None:
        """Call off a stop for lack of work."""
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None

    def _at_rest(self) -> None:
        """Stop our own server after a while without any database."""
        self._busy()
        if self.server is not None and not self._lineages:
            self._idle = asyncio.get_running_loop().call_later(self._idle_seconds, self._stop_when_idle)

    def _stop_when_idle(self) -> None:
        stop = self._administration.stop(unless=lambda: bool(self._lineages))
        self._idle_stop = asyncio.ensure_future(stop)

    async def connect(self, database: str) -> asyncpg.Connection:
        """Open a session on ``database`` as the administrator.

        Raises:
            EngineError: the server does not answer or refuses us.
        """
        return await self._administration.connect(database)

    async def connect_guest(self, database: str) -> asyncpg.Connection:
        """Open a session on a scratch database as its guest, even if SQL changed the guest's password.

        Raises:
            EngineError: the server does not answer or refuses us.
        """
        import asyncpg

        lineage = self._lineage(database)
        who = {"user": lineage.guest, "password": lineage.password}
        try:
            return await self._administration.connect(database, **who)
        except EngineError as refusal:
            if not isinstance(refusal.__cause__, asyncpg.InvalidPasswordError):
                raise
        await self._administration.execute(f"ALTER ROLE {lineage.guest} PASSWORD '{lineage.password}'")
        return await self._administration.connect(database, **who)

    @asynccontextmanager
    async def scratch(self, template: str = "") -> AsyncIterator[Scratch]:
        """A database that exists for the length of the block.

        Args:
            template: a name from :meth:`Scratch.snapshot`; empty for an empty database.

        Raises:
            EngineError: no server, or an unknown template.
        """
        await self.start()
        lineage = self._lineage(template) if template else new_lineage()
        name = NAME + secrets.token_hex(6)
        self._register(name, lineage)
        try:
            await self._create_guest(lineage, known=bool(template))
            await self._create(name, template, lineage.guest)
            yield Scratch(name, lineage.guest, self)
        finally:
            await asyncio.shield(self.drop(name))

    def _lineage(self, database: str) -> Lineage:
        lineage = self._lineages.get(database)
        if lineage is None:
            raise EngineError(f'there is no scratch database or snapshot "{database}"; it was dropped')
        return lineage

    def _register(self, name: str, lineage: Lineage) -> None:
        self._busy()
        self._lineages[name] = lineage
        lineage.databases.add(name)

    async def _create_guest(self, lineage: Lineage, *, known: bool) -> None:
        creates_roles = self._own and self.version >= SAFE_CREATEROLE
        if known:
            await self._administration.execute(*defaults(lineage, creates_roles=creates_roles))
        else:
            await self._administration.execute(*creation(lineage, version=self.version, own_server=self._own))

    async def _create(self, name: str, template: str, guest: str) -> None:
        strategy = " STRATEGY file_copy" if self.version >= 15 else ""
        source = template or ("template1" if self._own else "template0")
        await self._administration.execute(
            f'CREATE DATABASE "{name}" TEMPLATE "{source}"{strategy}',
            f'REVOKE ALL ON DATABASE "{name}" FROM PUBLIC',
            f'GRANT CONNECT, TEMPORARY, CREATE ON DATABASE "{name}" TO {guest}',
        )
        if not template:
            session = await self.connect(name)
            try:
                await session.execute(f"ALTER SCHEMA public OWNER TO {guest}")
            finally:
                await session.close()
        await self._watch(name)

    async def _watch(self, name: str) -> None:
        """Have the size of a database on our own server watched."""
        if self.server is None:
            return
        async with self._administration.session() as session:
            oid = await session.fetchval("SELECT oid FROM pg_database WHERE datname = $1", name)
        self._oids[name] = int(oid)
        if self._guard is None or self._guard.done():
            self._guard = asyncio.ensure_future(
                guard(self.server.data, self._oids, self.terminate, self._database_limit)
            )

    async def copy(self, name: str) -> str:
        """Copy a scratch database after ending its sessions; the copy's name serves as a template.

        Raises:
            EngineError: there is no such database.
        """
        lineage = self._lineage(name)
        frozen = NAME + "at_" + secrets.token_hex(6)
        self._register(frozen, lineage)
        try:
            await self.terminate(name)
            await self._create(frozen, name, lineage.guest)
        except BaseException:
            await asyncio.shield(self.drop(frozen))
            raise
        return frozen

    async def terminate(self, name: str) -> None:
        """End every session of a database and wait until they are gone (at most 5 s)."""
        await self._administration.execute(TERMINATE.format(name=name))

    async def drop(self, name: str) -> None:
        """Drop a scratch database or snapshot; with the last one of a lineage goes its guest."""
        lineage = self._lineages.pop(name, None)
        self._oids.pop(name, None)
        if lineage is None or self._administration.is_lost:
            return
        try:
            await self._administration.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            lineage.databases.discard(name)
            if not lineage.databases:
                await self._drop_guest(lineage.guest)
        except Exception:
            if not self._administration.is_lost:  # else it went with the server
                raise
        finally:
            self._at_rest()

    async def _drop_guest(self, guest: str) -> None:
        """Drop a guest with its roles, and those that could not be dropped before."""
        async with self._administration.session() as session:
            for name in [guest, *self._undropped]:
                gone = await drop_roles(session, name)
                (self._undropped.discard if gone else self._undropped.add)(name)

    async def create_extension(self, database: str, name: str) -> None:
        """Create a harmless extension in a scratch database, as the guest wherever PostgreSQL lets it.

        Raises:
            EngineError: it is not one of :data:`HARMLESS_EXTENSIONS`.
            asyncpg.PostgresError: this installation does not have it.
        """
        import asyncpg

        if name not in HARMLESS_EXTENSIONS:
            raise EngineError(f'extension "{name}" can reach files or other servers and is not created here')
        for connect in (self.connect_guest, self.connect):
            session = await connect(database)
            try:
                await session.execute(f'CREATE EXTENSION IF NOT EXISTS "{name}" CASCADE')
                return
            except asyncpg.InsufficientPrivilegeError:
                if connect == self.connect:
                    raise
            finally:
                await session.close()

    async def adopt_role(self, database: str, name: str) -> bool:
        """Give the guest of ``database`` a role that another guest made; see :meth:`Scratch.adopt_role`."""
        if not self._own or self.version < SAFE_CREATEROLE or name == ADMIN or name.startswith((NAME, "pg_")):
            return False
        guest = self._lineage(database).guest
        async with self._administration.session() as session:
            statement: str | None = await session.fetchval(
                "SELECT format('GRANT %I TO %I WITH ADMIN TRUE, INHERIT TRUE, SET TRUE', rolname, $2::text)"
                " FROM pg_roles WHERE rolname = $1",
                name,
                guest,
            )
            if statement is not None:
                await session.execute(statement)
        return statement is not None

    def psql_env(self, scratch: Scratch, admin: bool = False) -> tuple[Path, dict[str, str], list[str]]:
        """What it takes to run the real ``psql`` on a scratch database.

        Returns:
            The path of ``psql``, its environment, and arguments to put first. ``pg_dump`` lies beside it.

        Raises:
            EngineError: the server is an operator's, or not started.
        """
        if self.server is None:
            raise EngineError("psql is at hand only with a server of our own that was started")
        user, password = ADMIN, self.server.password
        if not admin:
            user, password = scratch.guest, self._lineage(scratch.name).password
        environment = {
            "PGHOST": str(self.server.socket_dir),
            "PGPORT": "5432",
            "PGUSER": user,
            "PGPASSWORD": password,
            "PGDATABASE": scratch.name,
            "LC_ALL": "C.UTF-8",
        }
        return self.server.binaries.bindir / "psql", environment, ["-X", "-q"]


__all__ = ["Binaries", "EngineError", "PostgresHost", "Scratch"]
