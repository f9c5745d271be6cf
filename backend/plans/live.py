"""An operator's PostgreSQL, read: its plans, its schema and its statistics, never its rows.

Every transaction is read-only and has timeouts. A query is executed only where
:mod:`knowledge.query.safety` knows of everything it can reach that it changes nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlsplit

from backend.targets.postgres import connected
from backend.targets.target import LOCK_TIMEOUT, READ_TIMEOUT, TargetError, scheme_of
from knowledge.plan.model import Plan

if TYPE_CHECKING:
    import asyncpg

    from backend.engines.postgres.host import PostgresHost
    from knowledge.statistics import DatabaseStatistics

DUMP_SECONDS = 60
ESTIMATED = "FORMAT JSON, VERBOSE, SETTINGS"
MEASURED = "FORMAT JSON, ANALYZE, BUFFERS, VERBOSE, SETTINGS"
SETTINGS_SINCE = 12


@dataclass
class LiveDatabase:
    """A session on the operator's database that cannot write."""

    url: str = field(repr=False)
    connection: asyncpg.Connection = field(repr=False)

    @property
    def version(self) -> int:
        """PostgreSQL's major version."""
        return int(self.connection.get_server_version().major)

    async def explain(self, sql: str, *, execute: bool = False) -> Plan:
        """The plan of one statement; with ``execute``, what it did.

        Raises:
            TargetError: it cannot be planned, must not be executed, or takes too long.
        """
        import asyncpg

        from knowledge.formats.explain import read

        options = MEASURED if execute else ESTIMATED
        if self.version < SETTINGS_SINCE:
            options = options.replace(", SETTINGS", "")
        transaction = self.connection.transaction(readonly=True)
        await transaction.start()
        try:
            if execute:
                await self._refuse_unless_harmless(sql)
            # An extended-protocol message carries one statement: a second one is a syntax error.
            rows = await self.connection.fetch(f"EXPLAIN ({options}) {sql}")
        except asyncpg.QueryCanceledError:
            raise TargetError(f"the query ran into the limit of {READ_TIMEOUT}; explain it without `analyze`") from None
        except asyncpg.PostgresError as error:
            raise TargetError(f"PostgreSQL refuses to explain it: {error.sqlstate} {error}") from None
        finally:
            await transaction.rollback()
        return read(rows[0][0])

    async def _refuse_unless_harmless(self, sql: str) -> None:
        from knowledge.query.safety import verdict

        from backend.engines.function_facts import execution_facts

        judged = verdict(sql, await execution_facts(self.connection, sql))
        if not judged.may_execute:
            raise TargetError(f"not executed: {judged.reason}; its plan can be had without `analyze`")

    async def statistics(self) -> DatabaseStatistics:
        """What its planner knows."""
        from backend.engines.statistics_export import read_statistics

        async with self.connection.transaction(readonly=True):
            return await read_statistics(self.connection)

    async def schema_sql(self, host: PostgresHost) -> str:
        """Its DDL, by ``pg_dump --schema-only`` of our own server's version.

        Raises:
            TargetError: it cannot be dumped (a server newer than ours, rights, locks held by others).
        """
        await host.start()
        if host.server is None:
            raise TargetError("reading the schema takes the embedded programs; start without --engine-url")
        address, environment = dump_address(self.url)
        process = await asyncio.create_subprocess_exec(
            host.server.binaries.bindir / "pg_dump",
            "--schema-only", "--no-owner", "--no-privileges", "--no-comments", "--no-publications",
            "--no-subscriptions", "--no-security-labels", "--no-tablespaces",
            f"--lock-wait-timeout={LOCK_TIMEOUT}", f"--dbname={address}",
            env=environment | {"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        try:
            output, words = await asyncio.wait_for(process.communicate(), DUMP_SECONDS)
        except TimeoutError:
            raise TargetError(f"reading the schema took over {DUMP_SECONDS} s") from None
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        if process.returncode:
            raise TargetError(f"pg_dump cannot read the schema: {words.decode(errors='replace').strip()[-400:]}")
        return without_meta_commands(output.decode(errors="replace"))


def dump_address(url: str) -> tuple[str, dict[str, str]]:
    """A connection string without its password, and the environment that carries it: arguments are public."""
    parts = urlsplit(url)
    password = unquote(parts.password or "")
    query = dict(parse_qsl(parts.query))
    password = query.pop("password", password)
    user = parts.netloc.rpartition("@")[0].partition(":")[0]
    host = parts.netloc.rpartition("@")[2]
    address = f"postgresql://{user + '@' if user else ''}{host}{parts.path}"
    if query:
        address += "?" + "&".join(f"{name}={value}" for name, value in query.items())
    return address, {"PGPASSWORD": password} if password else {}


def without_meta_commands(dump: str) -> str:
    """A dump without the lines that only psql understands (``\\restrict``)."""
    return "\n".join(line for line in dump.split("\n") if not line.startswith("\\"))


@asynccontextmanager
async def open_live(url: str) -> AsyncIterator[LiveDatabase]:
    """Connect read-only with timeouts.

    Raises:
        TargetError: no database was named at start, it is no PostgreSQL, or it does not answer.
    """
    if not url:
        raise TargetError("no target database: the operator names one with --database-url at the start of the server")
    if scheme_of(url) != "postgresql":
        raise TargetError("only a PostgreSQL target can be explained live; give the path of a SQLite file as `schema`")
    async with connected(url) as connection:
        yield LiveDatabase(url, connection)
