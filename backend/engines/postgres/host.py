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
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from backend.engines.postgres.binaries import Binaries, EngineError, find_binaries
from backend.engines.postgres.launcher import ADMIN, RunningServer, launch

if TYPE_CHECKING:
    import asyncpg

NAME = "architect_"
GUEST_TIMEOUT = "60s"
TERMINATE = """DO $do$ BEGIN
  PERFORM pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}';
  FOR attempt IN 1..2500 LOOP
    PERFORM pg_stat_clear_snapshot();
    EXIT WHEN NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = '{name}');
    PERFORM pg_sleep(0.002);
  END LOOP;
END $do$"""
"""``pg_terminate_backend(pid, timeout)`` looks only every 100 ms; this looks every 2."""


@dataclass
class _Lineage:
    """A guest and the databases whose objects belong to it."""

    guest: str
    password: str = field(repr=False)
    databases: set[str] = field(default_factory=set)


@dataclass
class Scratch:
    """A database of our own. ``guest`` is the role untrusted SQL runs as."""

    name: str
    guest: str
    host: PostgresHost = field(repr=False)
    _password: str = field(repr=False)

    async def connect(self, *, admin: bool = False) -> asyncpg.Connection:
        """Open a session as the guest, or as the administrator. The caller closes it."""
        if admin:
            return await self.host.connect(self.name)
        return await self.host.connect(self.name, user=self.guest, password=self._password)

    async def terminate(self) -> None:
        """Kill every session of this database, whatever it is doing."""
        await self.host.terminate(self.name)

    async def snapshot(self) -> str:
        """Freeze the present state under a name that ``PostgresHost.scratch`` takes as template.

        Every session of the database is ended first: PostgreSQL copies only what nobody uses.
        """
        return await self.host.copy(self.name)

    async def create_extension(self, name: str) -> None:
        """Create a harmless extension on the guest's behalf.

        Raises:
            EngineError: the extension is not on the list of harmless ones.
        """
        await self.host.create_extension(self, name)


HARMLESS_EXTENSIONS = frozenset(
    {
        *("btree_gin", "btree_gist", "citext", "cube", "dict_int", "earthdistance", "fuzzystrmatch"),
        *("hstore", "intarray", "isn", "ltree", "pg_stat_statements", "pg_trgm", "pgcrypto", "plpgsql"),
        *("pgstattuple", "seg", "tablefunc", "tcn", "tsm_system_rows", "tsm_system_time", "unaccent"),
        *("uuid-ossp", "vector"),
    }
)
"""Extensions that reach neither files, programs nor other servers."""


class PostgresHost:
    """A PostgreSQL server, started at first use.

    Args:
        binaries: a ``bin`` folder to use in place of the embedded programs.
        url: an operator's server to use in place of one of our own. Its role needs CREATEDB and CREATEROLE.
    """

    def __init__(self, binaries: Path | None = None, url: str = "") -> None:
        self._configured = binaries
        self._url = url
        self._server: RunningServer | None = None
        self._admin: asyncpg.Connection | None = None
        self._starting = asyncio.Lock()
        self._administering = asyncio.Lock()
        self._lineages: dict[str, _Lineage] = {}
        self.version = 0

    async def start(self) -> None:
        """Start the server unless it runs.

        Raises:
            EngineError: no programs, no start, or the operator's server refuses us.
        """
        async with self._starting:
            if self._admin is not None and not self._admin.is_closed():
                return
            if not self._url and (self._server is None or self._server.process.poll() is not None):
                self._server = await asyncio.to_thread(lambda: launch(find_binaries(self._configured)))
            self._admin = await self.connect("" if self._url else "postgres")
            self.version = self._admin.get_server_version().major

    @property
    def server(self) -> RunningServer | None:
        """The server we started; ``None`` before the start and with an operator's URL."""
        return self._server

    async def connect(self, database: str, *, user: str = "", password: str = "") -> asyncpg.Connection:
        """Open a session on ``database``, as the administrator unless a user is named.

        Raises:
            EngineError: the server does not answer or refuses us.
        """
        import asyncpg

        try:
            return await asyncpg.connect(**self._address(database, user, password))
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            raise EngineError(
                f"PostgreSQL refused a connection to {database or 'the server'}: {error}"
            ) from error

    def _address(self, database: str, user: str, password: str) -> dict[str, Any]:
        if self._url:
            named: dict[str, Any] = {"database": database} if database else {}
            if user:
                named |= {"user": user, "password": password}
            return {"dsn": self._url, "statement_cache_size": 0, **named}
        if self._server is None:
            raise EngineError("the server is not started; await host.start() first")
        return {
            "host": str(self._server.socket_dir),
            "port": 5432,
            "database": database,
            "user": user or ADMIN,
            "password": password or self._server.password,
            "statement_cache_size": 0,
        }

    async def _execute(self, *statements: str) -> None:
        """Run administrative statements one after the other, each in a transaction of its own."""
        await self.start()
        assert self._admin is not None
        async with self._administering:
            for statement in statements:
                await self._admin.execute(statement)

    @asynccontextmanager
    async def scratch(self, template: str = "") -> AsyncIterator[Scratch]:
        """A database that exists for the length of the block.

        Args:
            template: a name from :meth:`Scratch.snapshot`; empty for an empty database.
        """
        await self.start()
        lineage = self._lineages[template] if template else await self._new_lineage()
        name = NAME + secrets.token_hex(6)
        self._lineages[name] = lineage
        lineage.databases.add(name)
        try:
            await self._create(name, template, lineage.guest)
            yield Scratch(name, lineage.guest, self, lineage.password)
        finally:
            await asyncio.shield(self.drop(name))

    async def _new_lineage(self) -> _Lineage:
        guest, password = f"{NAME}guest_{secrets.token_hex(4)}", secrets.token_urlsafe(18)
        # CREATEROLE can be granted safely only since 16: before, it could hand out pg_read_server_files.
        may_create_roles = "CREATEROLE" if self.version >= 16 else "NOCREATEROLE"
        await self._execute(
            f"CREATE ROLE {guest} LOGIN NOSUPERUSER NOCREATEDB NOREPLICATION NOBYPASSRLS {may_create_roles}"
            f" PASSWORD '{password}' CONNECTION LIMIT 20",
            f"ALTER ROLE {guest} SET statement_timeout = '{GUEST_TIMEOUT}'",
        )
        if self._url:
            await self._execute(f"GRANT {guest} TO CURRENT_USER")
        return _Lineage(guest, password)

    async def _create(self, name: str, template: str, guest: str) -> None:
        strategy = " STRATEGY file_copy" if self.version >= 15 else ""
        source = template or ("template0" if self._url else "template1")
        await self._execute(
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

    async def copy(self, name: str) -> str:
        """Copy a scratch database after ending its sessions; the copy's name serves as a template."""
        lineage = self._lineages[name]
        frozen = NAME + "at_" + secrets.token_hex(6)
        await self.terminate(name)
        await self._create(frozen, name, lineage.guest)
        self._lineages[frozen] = lineage
        lineage.databases.add(frozen)
        return frozen

    async def terminate(self, name: str) -> None:
        """End every session of a database and wait until they are gone (at most 5 s)."""
        await self._execute(TERMINATE.format(name=name))

    async def drop(self, name: str) -> None:
        """Drop a scratch database or snapshot; with the last one of a lineage goes its guest."""
        lineage = self._lineages.pop(name, None)
        if lineage is None or (self._server is None and not self._url):
            return
        await self._execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        lineage.databases.discard(name)
        if not lineage.databases:
            await self._drop_roles(lineage.guest)

    async def _drop_roles(self, guest: str) -> None:
        """Drop a guest and the roles it created (a role belongs to the cluster, not to a database)."""
        assert self._admin is not None
        async with self._administering:
            made = await self._admin.fetch(
                "SELECT m.roleid::regrole::text AS name FROM pg_auth_members m"
                " WHERE m.member = $1::regrole AND m.admin_option",
                guest,
            )
            for name in [*(row["name"] for row in made), guest]:
                await self._admin.execute(f"DROP ROLE IF EXISTS {name}")

    async def create_extension(self, scratch: Scratch, name: str) -> None:
        """Create one of :data:`HARMLESS_EXTENSIONS` in a scratch database.

        Raises:
            EngineError: it is not one of them.
        """
        if name not in HARMLESS_EXTENSIONS:
            raise EngineError(f'extension "{name}" can reach files or other servers and is not created here')
        session = await self.connect(scratch.name)
        try:
            await session.execute(f'CREATE EXTENSION IF NOT EXISTS "{name}" CASCADE')
        finally:
            await session.close()

    def psql_env(self, scratch: Scratch, admin: bool = False) -> tuple[Path, dict[str, str], list[str]]:
        """What it takes to run the real ``psql`` on a scratch database.

        Returns:
            The folder's ``psql``, its environment, and arguments to put first. ``pg_dump`` lies beside it.

        Raises:
            EngineError: the server is an operator's, or not started.
        """
        if self._server is None:
            raise EngineError("psql is at hand only with a server of our own that was started")
        user, password = (ADMIN, self._server.password) if admin else (scratch.guest, scratch._password)
        environment = {
            "PGHOST": str(self._server.socket_dir),
            "PGPORT": "5432",
            "PGUSER": user,
            "PGPASSWORD": password,
            "PGDATABASE": scratch.name,
            "LC_ALL": "C.UTF-8",
        }
        return self._server.binaries.bindir / "psql", environment, ["-X", "-q"]

    async def aclose(self) -> None:
        """Drop what is left, end our session and stop the server; a second call does nothing."""
        if self._url:
            for name in list(self._lineages):
                await self.drop(name)
        if self._admin is not None:
            admin, self._admin = self._admin, None
            if not admin.is_closed():
                await admin.close()
        if self._server is not None:
            server, self._server = self._server, None
            await asyncio.to_thread(server.stop)
        self._lineages.clear()


def redacted(url: str) -> str:
    """``url`` without its password, for messages."""
    parts = urlsplit(url)
    return url.replace(f":{parts.password}@", ":***@") if parts.password else url


__all__ = ["Binaries", "EngineError", "PostgresHost", "Scratch", "redacted"]
