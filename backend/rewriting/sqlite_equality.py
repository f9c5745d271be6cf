"""The same comparison on SQLite, for queries that both engines read."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Sequence
from typing import Any

from backend.engines.sqlite import SqliteDatabase, open_scratch
from backend.rewriting.databases import Row, databases, filled_columns
from backend.rewriting.equality import tables_of
from knowledge.identifiers import quoted
from knowledge.query_rewrites.rewrite import Rewrite
from knowledge.schema import Relation, Schema

DATABASES = 20
_TYPES = {"smallint": "INTEGER", "integer": "INTEGER", "bigint": "INTEGER", "boolean": "BOOLEAN", "numeric": "NUMERIC"}


async def agrees_on_sqlite(schema: Schema, sql: str, rewrite: Rewrite, *, seed: int = 0) -> bool | None:
    """Whether both give the same rows on SQLite too; ``None`` where SQLite reads either of them not."""
    tables = tables_of(sql, schema)
    if rewrite.paging is not None or any(table.schema != "public" for table in tables):
        return None
    compared = with_rows = 0
    try:
        async with open_scratch() as database:
            for table in tables:
                await _run(database, _create(table))
            for text in (sql, rewrite.sql):
                await _run(database, text)
            for rows in databases(tables, schema, sql + "; " + rewrite.sql, DATABASES, seed):
                await _run(database, "BEGIN")
                for table in tables:
                    await _fill(database, table, rows[table.qualified])
                before, after = await _run(database, sql), await _run(database, rewrite.sql)
                await _run(database, "ROLLBACK")
                if before != after:
                    return False
                compared += 1
                with_rows += bool(before)
    except (sqlite3.Error, sqlite3.Warning):
        return None
    return True if with_rows else None


def _create(table: Relation) -> str:
    parts = []
    for column in table.columns:
        kind = _TYPES.get(column.type.partition("(")[0], "TEXT")
        parts.append(f"{quoted(column.name)} {kind}{'' if column.nullable else ' NOT NULL'}")
    for constraint in table.constraints:
        if constraint.kind in ("primary", "unique"):
            parts.append(f"UNIQUE ({', '.join(map(quoted, constraint.columns))})")
    return f"CREATE TABLE {quoted(table.name)} ({', '.join(parts)})"


async def _fill(database: SqliteDatabase, table: Relation, rows: Sequence[Row]) -> None:
    columns = filled_columns(table)
    names = ", ".join(quoted(column.name) for column in columns)
    marks = ", ".join("?" for _ in columns)
    truths = {"true": "1", "false": "0"}
    for row in rows:
        values = [
            truths.get(value or "", value) if column.type == "boolean" else value
            for value, column in zip(row, columns, strict=True)
        ]
        into = f"INSERT OR IGNORE INTO {quoted(table.name)} ({names}) VALUES ({marks})"
        await database.connection.execute(into, values)


async def _run(database: SqliteDatabase, sql: str) -> Counter[tuple[Any, ...]]:
    database.deadline.start(1.0)
    try:
        async with database.connection.execute(sql.rstrip().rstrip(";")) as cursor:
            return Counter(tuple(row) for row in await cursor.fetchall())
    finally:
        database.deadline.at = None
