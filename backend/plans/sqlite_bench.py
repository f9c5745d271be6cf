"""Builds indexes in a SQLite lab and plans with them, hundreds of times: what is known of the tables is read once."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from backend.engines.sqlite_lab import SqliteLab, SqliteLabError
from backend.engines.sqlite_statistics import IndexShape, assumed_stat
from backend.plans.sqlite_indexes import SqliteIndex
from knowledge.plan.model import Plan

if TYPE_CHECKING:
    import aiosqlite


class Bench:
    """Plans one query with indexes that exist for as long as it is planned.

    Args:
        lab: with the schema and its statistics.
        connection: the lab's own.
        sql: the query.
        rows: of each table, by its name in lower case; a table that is not among them has no statistics.
        of_value: rows of one value, by table and column.
    """

    def __init__(
        self,
        lab: SqliteLab,
        connection: aiosqlite.Connection,
        sql: str,
        rows: Mapping[str, int],
        of_value: Mapping[tuple[str, str], int],
    ) -> None:
        self._lab, self._connection, self._sql = lab, connection, sql
        self._rows, self._of_value = rows, of_value

    async def plan(self, indexes: Collection[SqliteIndex] = ()) -> Plan:
        """The plan with these indexes.

        Raises:
            SqliteLabError: SQLite refuses one of them, or the query.
        """
        if not indexes:
            return await self._lab.explain(self._sql)
        await self._connection.execute("SAVEPOINT bench")
        try:
            for index in indexes:
                await self._connection.execute(index.ddl)
            await self._connection.executemany("INSERT INTO sqlite_stat1 VALUES (?, ?, ?)", self._stats(indexes))
            await self._connection.execute("ANALYZE sqlite_schema")
            return await self._lab.explain(self._sql)
        except sqlite3.Error as error:
            raise SqliteLabError(str(error)) from None
        finally:
            await self._connection.execute("ROLLBACK TO bench")
            await self._connection.execute("RELEASE bench")
            await self._connection.execute("ANALYZE sqlite_schema")

    def _stats(self, indexes: Collection[SqliteIndex]) -> list[tuple[str, str, str]]:
        """Rows for ``sqlite_stat1``."""
        found = []
        for index in indexes:
            if rows := self._rows.get(index.table):
                keys = tuple(key.column for key in index.idea.keys)
                shape = IndexShape(index.table, index.idea.name, False, keys)
                held = max(1, round(rows * index.part))
                found.append((index.named_table, index.idea.name, assumed_stat(shape, held, self._of_value)))
        return found
