"""An operator's SQLite file: opened read-only, or backed up before it is written."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from backend.engines.sqlite import SqliteDatabase
from backend.engines.sqlite import open_target as open_file
from backend.targets.ledger import OWN_TABLE, Ledger
from backend.targets.target import TargetError
from knowledge.migration import Migration

OWN_LEDGER = f"""CREATE TABLE IF NOT EXISTS {OWN_TABLE} (
  version text PRIMARY KEY, path text NOT NULL, content_hash text NOT NULL,
  applied_at text NOT NULL DEFAULT CURRENT_TIMESTAMP)"""
OBJECTS = "SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'"


async def sqlite_fingerprint(database: SqliteDatabase) -> dict[str, str]:
    """Every object and its text, white space folded."""
    async with database.connection.execute(OBJECTS) as cursor:
        rows = await cursor.fetchall()
    return {f"{kind} {name}": " ".join(sql.split()) for kind, name, sql in rows}


class SqliteTarget:
    """An open SQLite file."""

    dialect = "sqlite"

    def __init__(self, database: SqliteDatabase, path: Path) -> None:
        self._database, self._path = database, path
        self.engine = f"SQLite {sqlite3.sqlite_version}"
        self._saved = False

    async def recorded(self, ledgers: Sequence[Ledger]) -> tuple[Ledger | None, list[tuple[str, str]]]:
        """The first ledger that exists and its rows."""
        for ledger in ledgers:
            async with self._database.connection.execute(
                "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?", (ledger.table,)
            ) as cursor:
                if await cursor.fetchone() is None:
                    continue
            async with self._database.connection.execute(ledger.query) as cursor:
                rows = await cursor.fetchall()
            return ledger, [(str(row[0]), str(row[1] or "")) for row in rows if row[0] is not None]
        return None, []

    async def fingerprint(self) -> dict[str, str]:
        """Every object and its text."""
        return await sqlite_fingerprint(self._database)

    async def apply(self, migration: Migration) -> None:
        """Run a migration and record it in one transaction; before the first one the file is copied.

        Raises:
            TargetError: a statement failed; the transaction was rolled back.
        """
        connection = self._database.connection
        if not self._saved:
            self._back_up()
            self._saved = True
        await connection.execute("BEGIN IMMEDIATE")
        try:
            await connection.execute(OWN_LEDGER)
            for outcome in await self._database.run_script(migration.up):
                if outcome.error:
                    raise TargetError(f"{migration.path}: {outcome.error}; it was rolled back")
            await connection.execute(
                f"INSERT INTO {OWN_TABLE} (version, path, content_hash) VALUES (?, ?, ?)",
                (migration.version, migration.path, migration.content_hash),
            )
            await connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                await connection.execute("ROLLBACK")
            raise

    def _back_up(self) -> None:
        """Copy the file beside itself with SQLite's own backup, which is safe while others write."""
        source = sqlite3.connect(f"file:{self._path}?mode=ro", uri=True)
        copy = sqlite3.connect(self._path.with_name(f"{self._path.name}.before-migration"))
        try:
            source.backup(copy)
        finally:
            copy.close()
            source.close()


@asynccontextmanager
async def open_sqlite(path: Path, *, write: bool) -> AsyncIterator[SqliteTarget]:
    """Open an existing file.

    Raises:
        TargetError: it does not exist or is no SQLite database.
    """
    from backend.engines.postgres.binaries import EngineError

    try:
        async with open_file(path, read_only=not write) as database:
            yield SqliteTarget(database, path)
    except EngineError as error:
        raise TargetError(str(error)) from None
