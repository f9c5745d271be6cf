"""An operator's SQLite file: opened read-only, or backed up before it is written."""

from __future__ import annotations

import asyncio
import os
import re
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from backend.engines.sqlite import SqliteDatabase
from backend.engines.sqlite import open_target as open_file
from backend.targets.ledger import OWN_RECORDS, Ledger, Records
from backend.targets.target import TargetError
from knowledge.migration import Migration

OBJECTS = "SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'"
BUSY_MILLISECONDS = 3000
STATEMENT_SECONDS = 600.0
_FOREIGN_KEYS_OFF = re.compile(r"\bPRAGMA\s+(?:main\.)?foreign_keys\s*(?:=|\()\s*(?:off|0|no|false)\b", re.IGNORECASE)


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
        self._records = OWN_RECORDS

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

    @asynccontextmanager
    async def exclusive(self) -> AsyncIterator[None]:
        """SQLite admits one writer at a time; a version recorded twice is refused by the table's key."""
        await (await self._database.connection.execute(f"PRAGMA busy_timeout = {BUSY_MILLISECONDS}")).close()
        yield

    async def prepare(self, records: Records = OWN_RECORDS) -> str:
        """Copy the file beside itself and make the table of records."""
        self._records = records
        copy = free_name(self._path)
        await asyncio.to_thread(_back_up, self._path, copy)
        await self._execute(records.made.format(table=records.table, moment="text"))
        return f"recorded in {records.table}; the file as it was before is {copy.name}"

    async def apply(self, migration: Migration, *, down: bool = False) -> None:
        """Run a migration and record it in one transaction.

        A file that switches foreign keys off, to rebuild a table, gets them switched off around the transaction:
        inside it SQLite ignores the pragma, and dropping the old table would delete the rows that point at it.
        """
        script = (migration.down or "") if down else migration.up
        rebuilds = bool(_FOREIGN_KEYS_OFF.search(script))
        if rebuilds:
            await self._execute("PRAGMA foreign_keys = OFF")
        try:
            await self._in_transaction(migration, script, check=rebuilds, down=down)
        finally:
            if rebuilds:
                await self._execute("PRAGMA foreign_keys = ON")

    async def count(self, queries: Sequence[str]) -> list[int]:
        """The first column of the first row of each query."""
        counts = []
        for query in queries:
            async with self._database.connection.execute(query) as cursor:
                row = await cursor.fetchone()
                counts.append(int(row[0]) if row else 0)
        return counts

    async def _in_transaction(self, migration: Migration, script: str, *, check: bool, down: bool) -> None:
        connection = self._database.connection
        try:
            await self._execute("BEGIN IMMEDIATE")
            for outcome in await self._database.run_script(script, timeout_seconds=STATEMENT_SECONDS):
                if outcome.error:
                    line = (migration.down_line if down else migration.up_line) + outcome.line - 1
                    raise TargetError(f"{migration.path}:{line}: {outcome.error}; the file was rolled back")
            if not connection.in_transaction:
                raise TargetError(f"{migration.path} ends its transaction itself; it is not recorded")
            if check and await self._dangling():
                raise TargetError(f"{migration.path} leaves rows that point at nothing; it was rolled back")
            for record in (self._records.undone if down else self._records.done)(self._records.table, migration):
                await self._execute(record)
            await self._execute("COMMIT")
        except sqlite3.Error as error:
            raise TargetError(f"{migration.path}: {error}; the file was rolled back") from None
        finally:
            if connection.in_transaction:
                await self._execute("ROLLBACK")

    async def _dangling(self) -> bool:
        async with self._database.connection.execute("PRAGMA foreign_key_check") as cursor:
            return await cursor.fetchone() is not None

    async def _execute(self, sql: str) -> None:
        await (await self._database.connection.execute(sql)).close()


def free_name(path: Path) -> Path:
    """A name beside ``path`` for its copy that nothing has yet."""
    name = path.with_name(f"{path.name}.before-migration")
    number = 2
    while os.path.lexists(name):
        name = path.with_name(f"{path.name}.before-migration-{number}")
        number += 1
    return name


def _back_up(path: Path, copy: Path) -> None:
    """Copy with SQLite's own backup, which is safe while others write."""
    source = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    try:
        target = sqlite3.connect(copy)
        try:
            source.backup(target)
        finally:
            target.close()
    finally:
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
