"""SQLite as an engine: scratch databases in memory, an operator's file, and scripts run one statement at a time.

SQL that we did not write is confined to the one database: it attaches no file, loads no extension, leaves
the pragmas that reach beyond the database alone, and is interrupted at its deadline.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from backend.engines.postgres.binaries import EngineError
from knowledge.formats.sqlite_sql import slices

if TYPE_CHECKING:
    import aiosqlite

SCRATCH_LIMIT = 512 * 1024**2
"""Bytes a scratch database may grow to."""
LOOK_EVERY = 2000
"""Instructions of SQLite's machine between two looks at the clock."""
ROWS_KEPT = 200
VALUE_LIMIT = 64 * 1024**2
"""Bytes of one string or blob."""

REFUSED_FUNCTIONS = frozenset({"load_extension", "readfile", "writefile", "edit", "fts3_tokenizer"})
REFUSED_PRAGMAS = frozenset(
    {
        *("data_store_directory", "temp_store_directory", "writable_schema", "trusted_schema"),
        *("hard_heap_limit", "soft_heap_limit", "max_page_count", "mmap_size", "query_only"),
    }
)
"""Pragmas that reach files, the whole process, or our own bounds (https://sqlite.org/pragma.html)."""


@dataclass
class Deadline:
    """When the statement that runs must end; ``clock`` gives seconds."""

    clock: Callable[[], float] = time.monotonic
    at: float | None = None

    def start(self, seconds: float) -> None:
        """Give what runs next so many seconds."""
        self.at = self.clock() + seconds

    def passed(self) -> bool:
        """Whether the time is up; SQLite interrupts the statement if so."""
        return self.at is not None and self.clock() > self.at


@dataclass(frozen=True)
class StatementOutcome:
    """What one statement did: its rows (at most :data:`ROWS_KEPT`), or SQLite's error in its own words."""

    sql: str
    line: int
    error: str = ""
    code: str = ""
    """SQLite's symbolic result code, such as ``SQLITE_CONSTRAINT_UNIQUE``."""
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[Any, ...], ...] = ()
    truncated: bool = False
    seconds: float = 0.0


@dataclass
class SqliteDatabase:
    """An open, confined database. ``connection`` may be used directly; it stays confined."""

    connection: aiosqlite.Connection
    deadline: Deadline = field(repr=False)

    async def run_script(
        self, script: str, *, timeout_seconds: float = 30.0, keep_going: bool = False
    ) -> list[StatementOutcome]:
        """Run a script one statement at a time.

        Args:
            script: SQL; statements end with semicolons.
            timeout_seconds: for each statement.
            keep_going: whether the statements after a failed one run too.
        """
        outcomes: list[StatementOutcome] = []
        for line, sql in split_statements(script):
            outcomes.append(await self._run(sql, line, timeout_seconds))
            if outcomes[-1].error and not keep_going:
                break
        return outcomes

    async def _run(self, sql: str, line: int, seconds: float) -> StatementOutcome:
        self.deadline.start(seconds)
        began = time.perf_counter()
        try:
            async with self.connection.execute(sql) as cursor:
                rows = [tuple(row) for row in await cursor.fetchmany(ROWS_KEPT + 1)]
                columns = tuple(column[0] for column in cursor.description or ())
        except (sqlite3.Error, sqlite3.Warning) as error:
            words = f"interrupted after {seconds:g} s" if self.deadline.passed() else str(error)
            code = getattr(error, "sqlite_errorname", "")
            return StatementOutcome(sql, line, words, code, seconds=time.perf_counter() - began)
        finally:
            self.deadline.at = None
        return StatementOutcome(
            sql, line, "", "", columns, tuple(rows[:ROWS_KEPT]), len(rows) > ROWS_KEPT, time.perf_counter() - began
        )


@asynccontextmanager
async def open_scratch(
    *, limit: int = SCRATCH_LIMIT, clock: Callable[[], float] = time.monotonic
) -> AsyncIterator[SqliteDatabase]:
    """An empty database in memory that exists for the length of the block.

    Args:
        limit: bytes it may grow to.
        clock: seconds, for the deadlines.
    """
    async with _confined(":memory:", Deadline(clock), read_only=False, limit=limit) as database:
        yield database


@asynccontextmanager
async def open_target(
    path: Path, read_only: bool = True, *, clock: Callable[[], float] = time.monotonic
) -> AsyncIterator[SqliteDatabase]:
    """An operator's database file, by default without any way to write to it.

    Args:
        path: an existing file; it is never created.
        read_only: open it so that SQLite itself refuses to write.
        clock: seconds, for the deadlines.

    Raises:
        EngineError: it cannot be opened, or is no SQLite database.
    """
    async with AsyncExitStack() as stack:
        try:
            opening = _confined(_uri(path, read_only), Deadline(clock), read_only=read_only)
            database = await stack.enter_async_context(opening)
            await (await database.connection.execute("SELECT count(*) FROM sqlite_schema")).close()
        except sqlite3.DatabaseError as error:
            raise EngineError(f"cannot read {path.name} as a SQLite database: {error}") from error
        yield database


def _uri(path: Path, read_only: bool) -> str:
    return f"file:{quote(str(path.absolute()))}?mode={'ro' if read_only else 'rw'}"


@asynccontextmanager
async def _confined(
    database: str, deadline: Deadline, *, read_only: bool, limit: int | None = None
) -> AsyncIterator[SqliteDatabase]:
    """Open a database and confine the connection before anybody else can use it."""
    import aiosqlite

    def confined_connection(*args: Any, **options: Any) -> sqlite3.Connection:
        connection = sqlite3.Connection(*args, **options)
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute(f"PRAGMA query_only = {'ON' if read_only else 'OFF'}")
        connection.execute("PRAGMA foreign_keys = ON")
        if limit is not None:
            (page_size,) = connection.execute("PRAGMA page_size").fetchone()
            connection.execute(f"PRAGMA max_page_count = {max(1, limit // page_size)}").close()
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, VALUE_LIMIT)
        connection.set_authorizer(_authorize)
        connection.set_progress_handler(deadline.passed, LOOK_EVERY)
        return connection

    async with aiosqlite.connect(database, uri=True, isolation_level=None, factory=confined_connection) as connection:
        yield SqliteDatabase(connection, deadline)


def _authorize(action: int, first: str | None, second: str | None, schema: str | None, trigger: str | None) -> int:
    """SQLite's question before each operation (https://sqlite.org/c3ref/set_authorizer.html).

    ``ATTACH ''`` is a private temporary database; VACUUM needs it.
    """
    refused = (
        (action == sqlite3.SQLITE_ATTACH and first != "")
        or (action == sqlite3.SQLITE_FUNCTION and (second or "").lower() in REFUSED_FUNCTIONS)
        or (action == sqlite3.SQLITE_PRAGMA and (first or "").lower() in REFUSED_PRAGMAS and second is not None)
    )
    return sqlite3.SQLITE_DENY if refused else sqlite3.SQLITE_OK


def split_statements(script: str) -> Iterator[tuple[int, str]]:
    """The statements of a script with the line each begins on, without the comments before them.

    Triggers, comments and quotes are seen as SQLite sees them. A last statement needs no semicolon.
    """
    line, counted = 1, 0
    for piece in slices(script):
        line += script.count("\n", counted, piece.begin)
        counted = piece.begin
        yield line, script[piece.begin : piece.end].rstrip()
