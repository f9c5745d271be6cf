"""An operator's PostgreSQL: read in read-only transactions with timeouts, written under an advisory lock."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from backend.engines.fingerprint import fingerprint
from backend.targets.ledger import OWN_TABLE, Ledger
from backend.targets.target import LOCK_TIMEOUT, READ_TIMEOUT, WRITE_TIMEOUT, TargetError
from knowledge.formats.postgres_sql import read
from knowledge.migration import Migration

if TYPE_CHECKING:
    import asyncpg

ADVISORY_KEY = 0x6261_6D69_6772  # "bamigr": one applier at a time
OWN_LEDGER = f"""CREATE TABLE IF NOT EXISTS {OWN_TABLE} (
  version text PRIMARY KEY, path text NOT NULL, content_hash text NOT NULL,
  applied_at timestamptz NOT NULL DEFAULT now())"""


class PostgresTarget:
    """A session on the operator's database."""

    dialect = "postgresql"

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection
        self.engine = f"PostgreSQL {connection.get_server_version().major}"

    async def recorded(self, ledgers: Sequence[Ledger]) -> tuple[Ledger | None, list[tuple[str, str]]]:
        """The first ledger that exists and its rows."""
        async with self._connection.transaction(readonly=True):
            for ledger in ledgers:
                if await self._connection.fetchval("SELECT to_regclass($1)::text", ledger.table):
                    rows = await self._connection.fetch(ledger.query)
                    return ledger, [(str(row[0]), str(row[1] or "")) for row in rows if row[0] is not None]
        return None, []

    async def fingerprint(self) -> dict[str, str]:
        """Every user object, owners left out: they differ between databases by design."""
        async with self._connection.transaction(readonly=True):
            return await fingerprint(self._connection, owners=False)

    async def apply(self, migration: Migration) -> None:
        """Run a migration and record it, in one transaction where its tool would use one.

        Raises:
            TargetError: a statement failed, or another applier is at work.
        """
        import asyncpg

        if not await self._connection.fetchval("SELECT pg_try_advisory_lock($1)", ADVISORY_KEY):
            raise TargetError("another process is applying migrations to this database; try again when it is done")
        try:
            await self._connection.execute(OWN_LEDGER)
            if migration.transactional:
                async with self._connection.transaction():
                    await self._connection.execute(migration.up)
                    await self._record(migration)
            else:
                for statement in read(migration.up, migration.path, line=migration.up_line).statements:
                    await self._connection.execute(statement.sql)
                await self._record(migration)
        except asyncpg.PostgresError as error:
            undone = "it was rolled back" if migration.transactional else "statements before it stay applied"
            raise TargetError(f"{migration.path} failed: {error.sqlstate} {error}; {undone}") from None
        finally:
            if not self._connection.is_closed():
                await self._connection.execute(f"SELECT pg_advisory_unlock({ADVISORY_KEY})")

    async def _record(self, migration: Migration) -> None:
        await self._connection.execute(
            f"INSERT INTO {OWN_TABLE} (version, path, content_hash) VALUES ($1, $2, $3)",
            migration.version,
            migration.path,
            migration.content_hash,
        )


@asynccontextmanager
async def open_postgres(url: str, *, write: bool) -> AsyncIterator[PostgresTarget]:
    """Connect with timeouts; without ``write`` every transaction of the session is read-only.

    Raises:
        TargetError: it does not answer or refuses us.
    """
    import asyncpg

    settings = {
        "application_name": "backend-architect",
        "lock_timeout": LOCK_TIMEOUT,
        "statement_timeout": WRITE_TIMEOUT if write else READ_TIMEOUT,
        "default_transaction_read_only": "off" if write else "on",
    }
    try:
        connection = await asyncpg.connect(
            url.replace("postgresql+asyncpg", "postgresql"),
            server_settings=settings,
            statement_cache_size=0,
            timeout=15,
        )
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise TargetError(f"the target database refused a connection: {error}") from None
    try:
        yield PostgresTarget(connection)
    finally:
        await connection.close(timeout=5)
