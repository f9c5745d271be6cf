"""An operator's PostgreSQL, read: its plans, its schema and its statistics, never its rows.

Every transaction is read-only and has timeouts. A query is executed only where
:mod:`knowledge.query.safety` knows of everything it can reach that it changes nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from backend.engines.lab.queries import placeholders
from backend.targets.postgres import connected
from backend.targets.target import LOCK_TIMEOUT, READ_TIMEOUT, TargetError, scheme_of
from knowledge.identifiers import qualified
from knowledge.plan.model import Plan

if TYPE_CHECKING:
    import asyncpg

    from backend.engines.postgres.host import PostgresHost
    from knowledge.statistics import DatabaseStatistics

DUMP_SECONDS = 60
ADDRESS_PARTS = frozenset(
    {"host", "port", "user", "dbname", "passfile", "service", "sslmode", "sslcert", "sslkey", "sslrootcert", "sslcrl"}
    | {"ssl_min_protocol_version", "ssl_max_protocol_version", "target_session_attrs", "krbsrvname", "gsslib"}
)
"""Parts of a URL's query that asyncpg and libpq understand alike, secrets apart."""
FROM_ENVIRONMENT = ("HOME", "APPDATA")
"""Where libpq finds a password file or certificates; with all of ``PG...``, as asyncpg does."""
ESTIMATED = "FORMAT JSON, VERBOSE, SETTINGS"
MEASURED = "FORMAT JSON, ANALYZE, BUFFERS, VERBOSE, SETTINGS"
SETTINGS_SINCE = GENERIC_SINCE = 12
GENERIC = "plan_cache_mode"
PREPARED = "architect_explained"
PARAMETERS = "SELECT pg_catalog.cardinality(parameter_types) FROM pg_catalog.pg_prepared_statements WHERE name = $1"


INDEX_USE = """
SELECT s.schemaname || '.' || s.indexrelname, s.idx_scan, i.indisreplident
FROM pg_catalog.pg_stat_user_indexes s JOIN pg_catalog.pg_index i ON i.indexrelid = s.indexrelid
"""


class PlanningRefusedError(TargetError):
    """Not even planned on the target: that alone would execute a function that may act."""


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
            PlanningRefusedError: planning it would execute something that may act.
            TargetError: it cannot be planned, must not be executed, or takes too long.
        """
        from knowledge.formats.explain import read

        options = MEASURED if execute else ESTIMATED
        if self.version < SETTINGS_SINCE:
            options = options.replace(", SETTINGS", "")
        with _told("PostgreSQL refuses to explain it", "; explain it without `analyze`" if execute else ""):
            transaction = self.connection.transaction(readonly=True)
            await transaction.start()
            try:
                await self._refuse_unless_harmless(sql, execute=execute)
                # An extended-protocol message carries one statement: a second one is a syntax error.
                rows = await self.connection.fetch(await self._explaining(sql, options))
            finally:
                if not self.connection.is_closed():
                    await transaction.rollback()
        plan = read(rows[0][0])
        settings = {name: value for name, value in plan.settings.items() if name != GENERIC}
        return replace(plan, properties={**plan.properties, "Settings": settings}) if plan.settings else plan

    async def _explaining(self, sql: str, options: str) -> str:
        """The EXPLAIN of a statement; with placeholders, that of a plan for any values (since PostgreSQL 12)."""
        count = placeholders(sql)
        if not count:
            return f"EXPLAIN ({options}) {sql}"
        if self.version >= GENERIC_SINCE:
            await self.connection.execute(f"SET LOCAL {GENERIC} = force_generic_plan")
        await self.connection.fetch(f"PREPARE {PREPARED} AS {sql}")
        count = await self.connection.fetchval(PARAMETERS, PREPARED)
        return f"EXPLAIN ({options}) EXECUTE {PREPARED}({', '.join(['NULL'] * count)})"

    async def _refuse_unless_harmless(self, sql: str, *, execute: bool) -> None:
        from backend.engines.function_facts import execution_facts
        from knowledge.query.safety import verdict

        facts = await execution_facts(self.connection, sql)
        if execute:
            judged = verdict(sql, facts)
            if not judged.may_execute:
                raise TargetError(f"not executed: {judged.reason}; its plan can be had without `analyze`")
        for fact in facts.functions.values():
            # While planning PostgreSQL calls IMMUTABLE and STABLE functions, whatever these do in truth.
            if fact.volatility != "v" and not fact.extension:
                judged = verdict(f"SELECT {qualified(fact.schema, fact.name)}()", facts)
                if not judged.may_execute:
                    raise PlanningRefusedError(f"planning it would call a function that may act: {judged.reason}")

    async def statistics(self) -> DatabaseStatistics:
        """What its planner knows.

        Raises:
            TargetError: they cannot be read, or that takes too long.
        """
        from backend.engines.statistics_export import read_statistics

        with _told("its statistics cannot be read"):
            async with self.connection.transaction(readonly=True):
                return await read_statistics(self.connection)

    async def index_use(self) -> tuple[dict[str, int], frozenset[str]]:
        """How often each index (``schema.index``) was scanned, and which identify rows for replication."""
        async with self.connection.transaction(readonly=True):
            rows = await self.connection.fetch(INDEX_USE)
        return {row[0]: row[1] for row in rows}, frozenset(row[0] for row in rows if row[2])

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
            "--no-password", f"--lock-wait-timeout={LOCK_TIMEOUT}", f"--dbname={address}",
            env=_outer_environment() | environment | {"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
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
            said = " ".join(words.decode(errors="replace").split())[-400:]
            raise TargetError(f"pg_dump cannot read the schema: {said}; give `ddl` and `statistics` in place of it")
        return without_meta_commands(output.decode(errors="replace"))


def dump_address(url: str) -> tuple[str, dict[str, str]]:
    """A connection string without its secrets, and the environment that carries them: arguments are public.

    What only asyncpg understands (it takes unknown parts of a query for settings) is left out.
    """
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    password = query.pop("password", unquote(parts.password or ""))
    if database := query.pop("database", ""):
        query["dbname"] = database
    user = parts.netloc.rpartition("@")[0].partition(":")[0]
    host = parts.netloc.rpartition("@")[2]
    address = f"postgresql://{user + '@' if user else ''}{host}{parts.path}"
    told = {name: value for name, value in query.items() if name in ADDRESS_PARTS}
    if told:
        address += "?" + urlencode(told, quote_via=quote)
    return address, {"PGPASSWORD": password} if password else {}


def _outer_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name.startswith("PG") or name in FROM_ENVIRONMENT}


@contextmanager
def _told(what: str, when_slow: str = "") -> Iterator[None]:
    """The errors of a session as sentences.

    Raises:
        TargetError: the database refused, took too long or went away.
    """
    import asyncpg

    try:
        yield
    except asyncpg.QueryCanceledError:
        raise TargetError(f"{what}: it ran into the limit of {READ_TIMEOUT}{when_slow}") from None
    except asyncpg.PostgresError as error:
        raise TargetError(f"{what}: {error.sqlstate} {error}") from None
    except (asyncpg.InterfaceError, asyncpg.InternalClientError, OSError) as error:
        raise TargetError(f"{what}: {error or 'the connection was lost'}") from None


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
        raise TargetError("only a PostgreSQL target can be explained live; give the path of a SQLite file as `ddl`")
    async with connected(url) as connection:
        yield LiveDatabase(url, connection)
