"""SQLite's plans of a full database from its schema and statistics alone, in an empty database in memory.

The planner goes by ``sqlite_stat1`` and, where SQLite was built with STAT4, by the samples of ``sqlite_stat4``;
the size of the file plays no part.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from backend.engines.postgres.binaries import EngineError
from backend.engines.sqlite import SqliteDatabase, open_scratch
from backend.engines.sqlite_statistics import (
    IndexShape,
    SqliteStatistics,
    Stat1,
    assumed_stat,
    index_shapes,
    known_rows,
    per_value,
    referred_rows,
)
from knowledge.formats.explain_sqlite import read_rows
from knowledge.formats.sqlite_sql import read
from knowledge.plan.model import Plan

if TYPE_CHECKING:
    import aiosqlite

PLANNABLE = frozenset({"Select", "Values", "With", "Insert", "Update", "Delete"})
TIMEOUT_SECONDS = 10.0
_BINDINGS = re.compile(r"current statement uses (\d+)")


class SqliteLabError(Exception):
    """A statement of the user's cannot be run or planned, in SQLite's words."""


@dataclass(frozen=True)
class SqliteWhatIf:
    """Indexes that exist for the length of the block."""

    lab: SqliteLab
    indexes: tuple[str, ...]
    assumed: tuple[str, ...]
    """What was assumed of them, in words."""

    async def explain(self, sql: str) -> Plan:
        """The plan with these indexes; see :meth:`SqliteLab.explain`."""
        return await self.lab.explain(sql)

    def used(self, plan: Plan) -> tuple[str, ...]:
        """Those of the indexes that the plan uses."""
        found = {node.index for node in plan.nodes}
        return tuple(name for name in self.indexes if name in found)


class SqliteLab:
    """An empty database that plans as the full one would.

    Args:
        database: with the schema.
        statistics: what is injected.
        has_stat4: whether this SQLite uses samples.
        differences: what it cannot reproduce, in words.
    """

    def __init__(
        self, database: SqliteDatabase, statistics: SqliteStatistics, has_stat4: bool, differences: tuple[str, ...]
    ) -> None:
        self._database = database
        self._statistics = statistics
        self.has_stat4 = has_stat4
        self.differences = differences

    @property
    def connection(self) -> aiosqlite.Connection:
        """The session on the empty database; what is changed in it is undone by whoever changes it."""
        return self._database.connection

    async def explain(self, sql: str) -> Plan:
        """The plan of one statement, which is not executed; parameters may stay open.

        Raises:
            SqliteLabError: it is no single statement that can be planned.
        """
        statements = read(sql).statements
        if len(statements) != 1 or statements[0].kind not in PLANNABLE:
            raise SqliteLabError("only a single SELECT, INSERT, UPDATE or DELETE is planned")
        text = f"EXPLAIN QUERY PLAN {statements[0].sql}"
        try:
            return read_rows(await self._rows(text, ()), query=sql)
        except sqlite3.ProgrammingError as error:
            match = _BINDINGS.search(str(error))
            if match is None:
                raise SqliteLabError(str(error)) from None
            return await self._explain_with(text, sql, int(match[1]))
        except sqlite3.Error as error:
            raise SqliteLabError(str(error)) from None

    async def _explain_with(self, text: str, sql: str, parameters: int) -> Plan:
        try:
            return read_rows(await self._rows(text, _Open()), query=sql)
        except sqlite3.Error:
            pass  # nameless parameters take no mapping
        try:
            return read_rows(await self._rows(text, (None,) * parameters), query=sql)
        except sqlite3.Error as error:
            raise SqliteLabError(str(error)) from None

    async def _rows(self, text: str, parameters: Any) -> list[Any]:
        self._database.deadline.start(TIMEOUT_SECONDS)
        try:
            async with self.connection.execute(text, parameters) as cursor:
                rows = [tuple(row) for row in await cursor.fetchall()]
        finally:
            self._database.deadline.at = None
        # INSERT ... VALUES and the like have no steps.
        return rows or [(1, 0, 0, "SCAN CONSTANT ROW")]

    @asynccontextmanager
    async def what_if(self, *ddl: str) -> AsyncIterator[SqliteWhatIf]:
        """Indexes that exist for the length of the block, with assumed statistics.

        Raises:
            SqliteLabError: a statement is no CREATE INDEX, or fails.
        """
        if any([each.kind for each in read(sql).statements] != ["CreateIndex"] for sql in ddl):
            raise SqliteLabError("each statement must be one CREATE INDEX")
        before = {shape.name for shape in await index_shapes(self.connection)}
        await self.connection.execute("SAVEPOINT what_if")
        try:
            for sql in ddl:
                await self._run(sql)
            made = [shape for shape in await index_shapes(self.connection) if shape.name not in before]
            stats = await _assumed(self.connection, self._statistics, made)
            await _inject(self.connection, stats)
            words = tuple(f"{index}: {stat} (rows, then rows of one key)" for _, index, stat in stats)
            yield SqliteWhatIf(self, tuple(shape.name for shape in made), words)
        finally:
            await self.connection.execute("ROLLBACK TO what_if")
            await self.connection.execute("RELEASE what_if")
            await self.connection.execute("ANALYZE sqlite_schema")

    async def _run(self, sql: str) -> None:
        (outcome,) = await self._database.run_script(sql, timeout_seconds=TIMEOUT_SECONDS)
        if outcome.error:
            raise SqliteLabError(outcome.error)


class _Open(Mapping[str, None]):
    """Every named parameter is left NULL: no plan is made of its value without STAT4."""

    def __getitem__(self, key: str) -> None:
        return None

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


@asynccontextmanager
async def open_sqlite_lab(
    schema_sql: str, statistics: SqliteStatistics | Mapping[str, int]
) -> AsyncIterator[SqliteLab]:
    """An empty database with a schema and the statistics of another, for the length of the block.

    Args:
        schema_sql: its DDL; statements that are none are left out.
        statistics: as :func:`backend.engines.sqlite_statistics.read_sqlite_statistics` gives them, or row counts by
            table, with which everything else is assumed.

    Raises:
        SqliteLabError: the DDL fails, with its line.
    """
    given = statistics if isinstance(statistics, SqliteStatistics) else SqliteStatistics(rows=dict(statistics))
    async with open_scratch() as database:
        await _create(database, schema_sql)
        connection = database.connection
        notes = list(given.notes)
        shapes = await index_shapes(connection)
        if given.rows:
            assumed = await _assumed(connection, given, [s for s in shapes if not _is_known(s, given)])
            given = SqliteStatistics((*given.stat1, *assumed), given.stat4, given.notes, given.rows)
            notes.append("assumed: how many rows share a value of an index, from row counts and foreign keys")
        has_stat4 = await _has_stat4(connection)
        notes += _missing(given, shapes)
        if given.stat4 and not has_stat4:
            notes.append(
                "this SQLite was built without STAT4 and ignores the samples: a build that uses them may plan otherwise"
            )
        await _inject(connection, given.stat1)
        if given.stat4 and has_stat4:
            await connection.executemany("INSERT INTO sqlite_stat4 VALUES (?, ?, ?, ?, ?, ?)", given.stat4)
            await connection.execute("ANALYZE sqlite_schema")
        yield SqliteLab(database, given, has_stat4, tuple(notes))


async def _create(database: SqliteDatabase, schema_sql: str) -> None:
    script = read(schema_sql)
    if script.problems:
        raise SqliteLabError(f"line {script.problems[0].location.line}: {script.problems[0].message}")
    for statement in script.statements:
        if not statement.kind.startswith(("Create", "Alter", "Drop")) or "sqlite_stat" in statement.sql.lower():
            continue
        (outcome,) = await database.run_script(statement.sql, timeout_seconds=TIMEOUT_SECONDS)
        if outcome.error:
            raise SqliteLabError(f"line {statement.location.line}: {outcome.error}")


async def _has_stat4(connection: aiosqlite.Connection) -> bool:
    async with connection.execute("SELECT sqlite_compileoption_used('ENABLE_STAT4')") as cursor:
        row = await cursor.fetchone()
    return bool(row and row[0])


async def _assumed(
    connection: aiosqlite.Connection, statistics: SqliteStatistics, shapes: list[IndexShape]
) -> list[Stat1]:
    """Assumed rows of ``stat1`` for indexes, and for tables with a declared count and no index."""
    rows = known_rows(statistics)
    columns = {shape.name: shape.columns for shape in await index_shapes(connection) if not shape.partial}
    of_value = await referred_rows(connection, rows) | per_value(statistics, columns)
    found: list[Stat1] = [
        (shape.table, shape.name, assumed_stat(shape, rows[shape.table.lower()], of_value))
        for shape in shapes
        if rows.get(shape.table.lower())
    ]
    told = {table.lower() for table, *_ in (*found, *statistics.stat1)}
    return found + [(table, None, str(count)) for table, count in statistics.rows.items() if table.lower() not in told]


async def _inject(connection: aiosqlite.Connection, stat1: list[Stat1] | tuple[Stat1, ...]) -> None:
    """Add rows to ``sqlite_stat1`` and have the planner read them."""
    await connection.execute("ANALYZE sqlite_schema")
    await connection.executemany("INSERT INTO sqlite_stat1 VALUES (?, ?, ?)", stat1)
    await connection.execute("ANALYZE sqlite_schema")


def _is_known(shape: IndexShape, statistics: SqliteStatistics) -> bool:
    return any(index == shape.name for _, index, _ in statistics.stat1)


def _missing(statistics: SqliteStatistics, shapes: list[IndexShape]) -> list[str]:
    names = {shape.name for shape in shapes} | {shape.table for shape in shapes}
    strange = sorted({index for _, index, _ in statistics.stat1 if index is not None and index not in names})
    return [f"statistics of {name} were left out: the schema has no such index" for name in strange]


__all__ = ["EngineError", "SqliteLab", "SqliteLabError", "SqliteWhatIf", "open_sqlite_lab"]
