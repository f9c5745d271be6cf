"""What going back drops: tables and columns that a scratch database has before and not afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backend.engines.sqlite import open_scratch
from backend.rehearsal.line import Line
from backend.rehearsal.replay import down_of, replay_plainly
from backend.targets.target import TargetError
from knowledge.identifiers import quoted
from knowledge.migration import Migration, MigrationFolder

if TYPE_CHECKING:
    from backend.engines.postgres.host import PostgresHost

Columns = dict[tuple[str, str], frozenset[str]]
"""Columns by schema (empty in SQLite, and for ``public``) and table."""

POSTGRES_COLUMNS = """SELECT c.table_schema, c.table_name, c.column_name FROM information_schema.columns AS c
  JOIN information_schema.tables AS t USING (table_schema, table_name)
  WHERE t.table_type = 'BASE TABLE' AND c.table_schema NOT IN ('pg_catalog', 'information_schema')"""
SQLITE_COLUMNS = """SELECT '', t.name, c.name FROM sqlite_schema AS t, pragma_table_info(t.name) AS c
  WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%'"""


@dataclass(frozen=True)
class Lost:
    """A table, or one column of a table that stays."""

    schema: str
    table: str
    column: str = ""

    @property
    def name(self) -> str:
        """As in ``posts.title``."""
        return ".".join(quoted(part) for part in (self.schema, self.table, self.column) if part)

    @property
    def query(self) -> str:
        """Counts the rows of a table, or the values of a column; every name is quoted, whatever the engine reserves."""
        table = ".".join(_always_quoted(part) for part in (self.schema, self.table) if part)
        return f"SELECT count({_always_quoted(self.column) if self.column else '*'}) FROM {table}"


async def lost_by_going_down(
    host: PostgresHost,
    folder: MigrationFolder,
    applied: Sequence[Migration],
    going: Sequence[Migration],
    timeout_seconds: float,
) -> tuple[Lost, ...]:
    """Run what is applied, then the way back of ``going`` (newest first), and compare.

    Raises:
        TargetError: one of them fails.
    """
    if folder.dialect == "sqlite":
        before, after = await _in_sqlite(applied, going, timeout_seconds)
    else:
        before, after = await _in_postgres(host, applied, going, timeout_seconds)
    lost = [Lost(*table) for table in sorted(before) if table not in after]
    kept = [table for table in sorted(before) if table in after]
    return (*lost, *(Lost(*table, column) for table in kept for column in sorted(before[table] - after[table])))


def _always_quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


async def _in_sqlite(
    applied: Sequence[Migration], going: Sequence[Migration], seconds: float
) -> tuple[Columns, Columns]:
    async with open_scratch() as database:

        async def run(script: str, path: str) -> None:
            for outcome in await database.run_script(script, timeout_seconds=seconds):
                if outcome.error:
                    raise TargetError(f"{path} fails when replayed: {outcome.error}")

        async def columns() -> Columns:
            async with database.connection.execute(SQLITE_COLUMNS) as cursor:
                return _grouped([(row[0], row[1], row[2]) for row in await cursor.fetchall()])

        for migration in applied:
            await run(migration.up, migration.path)
        before = await columns()
        for migration in going:
            await run(migration.down or "", migration.down_path)
        return before, await columns()


async def _in_postgres(
    host: PostgresHost, applied: Sequence[Migration], going: Sequence[Migration], seconds: float
) -> tuple[Columns, Columns]:
    async def columns(line: Line) -> Columns:
        async with line.session() as connection:
            rows = await connection.fetch(POSTGRES_COLUMNS)
        return _grouped([("" if row[0] == "public" else row[0], row[1], row[2]) for row in rows])

    await host.start()
    async with Line(host, seconds) as line:
        for migration in applied:
            if failure := await line.replay(migration):
                raise TargetError(f"{migration.path} fails when replayed ({failure}); rehearse the folder first")
        await line.rest()
        before = await columns(line)
        for migration in going:
            down = down_of(migration)
            transactional = migration.transactional
            failure = await replay_plainly(line.scratch, down, transactional=transactional, timeout_seconds=seconds)
            if failure:
                raise TargetError(f"{migration.down_path} fails when it is tried ({failure})")
        return before, await columns(line)


def _grouped(rows: Sequence[tuple[str, str, str]]) -> Columns:
    found: dict[tuple[str, str], set[str]] = {}
    for schema, table, column in rows:
        found.setdefault((schema, table), set()).add(column)
    return {table: frozenset(columns) for table, columns in found.items()}
