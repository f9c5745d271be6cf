"""What SQLite's planner knows: ``sqlite_stat1`` and ``sqlite_stat4`` (https://sqlite.org/fileformat2.html, 2.6)."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from backend.engines.sqlite import open_target
from knowledge.identifiers import quoted

if TYPE_CHECKING:
    import aiosqlite

MAX_ROWS = 200_000
"""Rows read of one table of statistics."""
PER_KEY = 10
"""Rows that share a value of an index's first column where nothing says it; each further column divides by as much."""

Stat1 = tuple[str, str | None, str]
Stat4 = tuple[str, str, str, str, str, bytes]


@dataclass(frozen=True)
class SqliteStatistics:
    """Rows of the statistics tables, and what is missing or assumed, in words."""

    stat1: tuple[Stat1, ...] = ()
    stat4: tuple[Stat4, ...] = ()
    notes: tuple[str, ...] = ()
    rows: Mapping[str, int] = field(default_factory=dict)
    """Declared row counts, for the tables of which ``stat1`` says nothing."""


async def read_sqlite_statistics(path: Path) -> SqliteStatistics:
    """The statistics in a database file, which is only read.

    Raises:
        EngineError: it cannot be opened, or is no SQLite database.
    """
    async with open_target(path) as database:
        names = await _all(database.connection, "SELECT name FROM sqlite_schema WHERE name LIKE 'sqlite_stat_'")
        present = {name for (name,) in names}
        stat1 = (
            await _all(database.connection, "SELECT tbl, idx, stat FROM sqlite_stat1")
            if "sqlite_stat1" in present
            else []
        )
        stat4 = (
            await _all(database.connection, "SELECT tbl, idx, neq, nlt, ndlt, sample FROM sqlite_stat4")
            if "sqlite_stat4" in present
            else []
        )
    notes = () if stat1 else ("the database was never analysed: without ANALYZE SQLite plans by fixed assumptions",)
    return SqliteStatistics(tuple(stat1), tuple(stat4), notes)


async def _all(connection: aiosqlite.Connection, query: str) -> list[tuple]:  # type: ignore[type-arg]
    async with connection.execute(f"{query} LIMIT {MAX_ROWS}") as cursor:
        return [tuple(row) for row in await cursor.fetchall()]


def known_rows(statistics: SqliteStatistics) -> dict[str, int]:
    """Row counts by table in lower case, from ``stat1`` and declarations."""
    found = {table.lower(): rows for table, rows in statistics.rows.items()}
    for table, _, stat in statistics.stat1:
        first = stat.split(" ", 1)[0]
        if first.isdecimal():
            found[table.lower()] = max(found.get(table.lower(), 0), int(first))
    return found


def per_value(statistics: SqliteStatistics, columns: Mapping[str, tuple[str, ...]]) -> dict[tuple[str, str], int]:
    """Average rows of one value by table and column, from indexes that begin with the column.

    Args:
        statistics: with ``stat1``.
        columns: key columns by index.
    """
    found: dict[tuple[str, str], int] = {}
    for table, index, stat in statistics.stat1:
        figures = stat.split(" ")
        keys = columns.get(index or "", ())
        if keys and len(figures) > 1 and figures[1].isdecimal():
            found[table.lower(), keys[0].lower()] = int(figures[1])
    return found


@dataclass(frozen=True)
class IndexShape:
    """An index as the catalog describes it."""

    table: str
    name: str
    unique: bool
    columns: tuple[str, ...]
    """``""`` for an expression."""
    partial: bool = False


async def index_shapes(connection: aiosqlite.Connection) -> list[IndexShape]:
    """All indexes of a database with a tree of their own."""
    found = []
    for (table,) in await _all(connection, "SELECT name FROM sqlite_schema WHERE type = 'table'"):
        for _, name, unique, _, partial in await _all_plain(connection, f"PRAGMA index_list({quoted(table)})"):
            parts = await _all_plain(connection, f"PRAGMA index_info({quoted(name)})")
            found.append(IndexShape(table, name, bool(unique), tuple(part[2] or "" for part in parts), bool(partial)))
    return found


async def referred_rows(connection: aiosqlite.Connection, rows: Mapping[str, int]) -> dict[tuple[str, str], int]:
    """Average rows of one value of foreign key columns: rows of the table by rows of its target."""
    found = {}
    for (table,) in await _all(connection, "SELECT name FROM sqlite_schema WHERE type = 'table'"):
        for key in await _all_plain(connection, f"PRAGMA foreign_key_list({quoted(table)})"):
            here, there = rows.get(table.lower()), rows.get(str(key[2]).lower())
            if here and there:
                found[table.lower(), str(key[3]).lower()] = max(1, round(here / there))
    return found


async def _all_plain(connection: aiosqlite.Connection, pragma: str) -> list[tuple]:  # type: ignore[type-arg]
    try:
        async with connection.execute(pragma) as cursor:
            return [tuple(row) for row in await cursor.fetchall()]
    except sqlite3.Error:
        return []


def assumed_stat(shape: IndexShape, rows: int, of_value: Mapping[tuple[str, str], int]) -> str:
    """The ``stat`` of an index that was never analysed: rows, then rows of one value of each prefix of its key."""
    figures = [rows]
    for place, column in enumerate(shape.columns):
        alone = of_value.get((shape.table.lower(), column.lower()), PER_KEY)
        figure = min(alone, figures[-1]) if place == 0 else max(1, min(alone, figures[-1] // PER_KEY))
        figures.append(max(1, figure))
    if shape.unique and len(figures) > 1:
        figures[-1] = 1
    return " ".join(str(figure) for figure in figures)
