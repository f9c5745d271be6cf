"""An operator's PostgreSQL: read in read-only transactions, written only by :meth:`PostgresTarget.apply`."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from backend.engines.fingerprint import fingerprint
from backend.targets.ledger import OWN_RECORDS, Ledger, Records
from backend.targets.target import LOCK_TIMEOUT, READ_TIMEOUT, WRITE_TIMEOUT, TargetError
from knowledge.formats.postgres_sql import read
from knowledge.identifiers import qualified
from knowledge.migration import Migration
from knowledge.statement import Script, Statement

if TYPE_CHECKING:
    import asyncpg

ADVISORY_KEY = 0x6261_6D69_6772  # "bamigr": one applier at a time
CONNECT_SECONDS = 15
CLEAN_SESSION = "RESET SESSION AUTHORIZATION; RESET ROLE; RESET ALL"
"""Back to the timeouts this session was opened with, whatever the file before it set."""


class PostgresTarget:
    """A session on the operator's database."""

    dialect = "postgresql"

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection
        self._table, self._records = "", OWN_RECORDS
        self.engine = f"PostgreSQL {connection.get_server_version().major}"

    async def recorded(self, ledgers: Sequence[Ledger]) -> tuple[Ledger | None, list[tuple[str, str]]]:
        """The first ledger that exists and its rows."""
        import asyncpg

        for ledger in ledgers:
            try:
                async with self._connection.transaction(readonly=True):
                    if await self._connection.fetchval("SELECT to_regclass($1)::text", ledger.table):
                        rows = await self._connection.fetch(ledger.query)
                        return ledger, [(str(row[0]), str(row[1] or "")) for row in rows if row[0] is not None]
            except asyncpg.UndefinedColumnError:
                continue  # a table of that name which is not the tool's
            except asyncpg.PostgresError as error:
                raise TargetError(f"{ledger.table} cannot be read: {error}") from None
        return None, []

    async def fingerprint(self) -> dict[str, str]:
        """Every user object, owners left out: they differ between databases by design."""
        async with self._connection.transaction(readonly=True):
            return await fingerprint(self._connection, owners=False)

    @asynccontextmanager
    async def exclusive(self) -> AsyncIterator[None]:
        """Hold an advisory lock: a second applier is refused, not queued."""
        if not await self._connection.fetchval("SELECT pg_try_advisory_lock($1)", ADVISORY_KEY):
            raise TargetError("another process is applying migrations to this database; try again when it is done")
        try:
            yield
        finally:
            if not self._connection.is_closed():
                await self._connection.execute(f"SELECT pg_advisory_unlock({ADVISORY_KEY})")

    async def count(self, queries: Sequence[str]) -> list[int]:
        """The first column of the first row of each query.

        Raises:
            TargetError: one of them fails, or takes too long.
        """
        import asyncpg

        try:
            async with self._connection.transaction(readonly=True):
                return [int(await self._connection.fetchval(query)) for query in queries]
        except asyncpg.PostgresError as error:
            raise TargetError(f"the rows that would be lost cannot be counted: {error}") from None

    async def prepare(self, records: Records = OWN_RECORDS) -> str:
        """Make the table of records, in the schema that new tables go to."""
        import asyncpg

        try:
            schema = await self._connection.fetchval("SELECT current_schema()")
            if schema is None:
                raise TargetError("the target's search_path names no schema that exists")
            self._table, self._records = qualified(schema, records.table), records
            await self._connection.execute(records.made.format(table=self._table, moment="timestamptz"))
        except asyncpg.PostgresError as error:
            raise TargetError(f"the table of records {records.table} cannot be made: {error}") from None
        return f"recorded in {self._table}"

    async def apply(self, migration: Migration, *, down: bool = False) -> None:
        """Run a migration, or its way back, and record that, in one transaction where its tool would use one.

        A file with a BEGIN or COMMIT of its own keeps them; it is recorded after its end.
        """
        import asyncpg

        script = (
            read(migration.down or "", migration.down_path, line=migration.down_line)
            if down
            else read(migration.up, migration.path, line=migration.up_line)
        )
        _refuse(script)
        controls = any(statement.kind == "TransactionStmt" for statement in script.statements)
        whole = migration.transactional and not controls
        try:
            if whole:
                async with self._connection.transaction():
                    await self._run(script)
                    await self._record(migration, down=down)
            else:
                await self._run(script)
                if self._connection.is_in_transaction():
                    raise TargetError(f"{migration.path} leaves its transaction open; it was rolled back")
                await self._record(migration, down=down)
        except _StatementFailed as failure:
            undone = "the file was rolled back" if whole else "what it committed before that stays"
            raise TargetError(f"{failure}; {undone}") from None
        except asyncpg.PostgresError as error:
            undone = "the file was rolled back" if whole else "it ran, but is not recorded"
            raise TargetError(f"{migration.path}: {error.sqlstate} {error}; {undone}") from None
        finally:
            await self._tidy()

    async def _run(self, script: Script) -> None:
        import asyncpg

        from backend.engines.trace.execution import copy_in

        for statement in script.statements:
            try:
                if statement.copy_data:
                    await copy_in(self._connection, statement.sql, statement.copy_data)
                else:
                    await self._connection.execute(statement.sql)
            except asyncpg.PostgresError as error:
                raise _StatementFailed(statement, error) from None

    async def _record(self, migration: Migration, *, down: bool) -> None:
        await self._connection.execute("RESET ROLE")
        async with self._connection.transaction():
            for record in (self._records.undone if down else self._records.done)(self._table, migration):
                await self._connection.execute(record)

    async def _tidy(self) -> None:
        """Leave nothing of a file behind: no open transaction, no setting."""
        if self._connection.is_closed():
            return
        if self._connection.is_in_transaction():
            await self._connection.execute("ROLLBACK")
        await self._connection.execute(CLEAN_SESSION)


class _StatementFailed(Exception):
    """A statement of a file failed."""

    def __init__(self, statement: Statement, error: asyncpg.PostgresError) -> None:
        super().__init__(f"{statement.location}: {error.sqlstate} {error}")


def _refuse(script: Script) -> None:
    if script.problems:
        problem = script.problems[0]
        raise TargetError(f"{problem.location}: {problem.message}; nothing of this file was run")
    for statement in script.statements:
        if statement.kind == "PsqlMeta" or (statement.node is None and statement.sql.startswith("\\")):
            raise TargetError(
                f"{statement.location}: {statement.sql.split()[0]} is a command of psql, which apply does not speak;"
                " nothing of this file was run"
            )


@asynccontextmanager
async def open_postgres(url: str, *, write: bool) -> AsyncIterator[PostgresTarget]:
    """Connect with timeouts; without ``write`` every transaction of the session is read-only.

    Raises:
        TargetError: it does not answer or refuses us.
    """
    async with connected(url, write=write) as connection:
        yield PostgresTarget(connection)


@asynccontextmanager
async def connected(url: str, *, write: bool = False) -> AsyncIterator[asyncpg.Connection]:
    """A session with timeouts; without ``write`` every transaction of it is read-only.

    Raises:
        TargetError: the database does not answer or refuses us.
    """
    import asyncpg

    settings = {
        "application_name": "backend-architect",
        "lock_timeout": LOCK_TIMEOUT,
        "statement_timeout": WRITE_TIMEOUT if write else READ_TIMEOUT,
        "idle_in_transaction_session_timeout": WRITE_TIMEOUT,
        "default_transaction_read_only": "off" if write else "on",
    }
    try:
        connection = await asyncpg.connect(
            url.replace("postgresql+asyncpg", "postgresql", 1),
            server_settings=settings,
            statement_cache_size=0,
            timeout=CONNECT_SECONDS,
        )
    except (OSError, TimeoutError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise TargetError(f"the target database refused a connection: {error or 'no answer'}") from None
    try:
        yield connection
    finally:
        with contextlib.suppress(TimeoutError):
            await connection.close(timeout=5)
