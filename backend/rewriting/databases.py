"""Small random databases of a schema: empty tables, NULLs, duplicates, values at the edges of a query's conditions."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence

from backend.rewriting.values import compared_with, joined_by, literals_of, pool
from knowledge.identifiers import qualified, quoted, quoted_list
from knowledge.schema import Column, Relation, Schema

Row = tuple[str | None, ...]
Rows = Mapping[str, Sequence[Row]]
"""Rows by ``schema.table``, values in the order of :func:`filled_columns`, in PostgreSQL's text form."""

SIZES = (0, 1, 2, 3, 4, 6)
NULLS = (0.0, 0.25, 0.6)
VARIETY, JOINED = (1, 2, 4, 99), (2, 4)
"""How many different values a column has at most in one database; of columns that rows meet by, fewer."""
REPEATED = 0.3
"""How often a row is the one before it once more, but for its keys."""


def filled_columns(table: Relation) -> tuple[Column, ...]:
    """The columns that rows are given values for."""
    return tuple(column for column in table.columns if not column.generated)


def databases(tables: Sequence[Relation], schema: Schema, sql: str, count: int, seed: int) -> Iterator[Rows]:
    """The databases to compare a query on, the same ones for the same arguments.

    The first is empty, then each table alone is empty, then sizes are drawn.
    """
    joined = joined_by(sql)
    literals, compared = literals_of(sql), compared_with(sql)
    pools = {
        (table.qualified, column.name): pool(column, schema, (*compared.get(column.name, ()), *literals))
        for table in tables
        for column in filled_columns(table)
    }
    for number in range(count):
        draw = random.Random(seed * 100_003 + number)
        rows: dict[str, list[Row]] = {}
        for place, table in enumerate(tables):
            empty = number == 0 or (number <= len(tables) and place == number - 1)
            size = 0 if empty else draw.choice(SIZES if number > len(tables) else SIZES[2:])
            rows[table.qualified] = _rows(table, pools, joined, size, draw)
        yield rows


def _rows(
    table: Relation,
    pools: Mapping[tuple[str, str], tuple[str, ...]],
    joined: frozenset[str],
    size: int,
    draw: random.Random,
) -> list[Row]:
    columns = filled_columns(table)
    nulls = {column.name: draw.choice(NULLS) if column.nullable else 0.0 for column in columns}
    narrow = {column.name: draw.choice(JOINED if column.name in joined else VARIETY) for column in columns}
    made: list[Row] = []
    unique = {name for kind in ("primary", "unique") for key in table.constraints_of(kind) for name in key.columns}
    for _ in range(size):
        again = made[-1] if made and draw.random() < REPEATED else None
        row: list[str | None] = []
        for place, column in enumerate(columns):
            values = pools[(table.qualified, column.name)][: narrow[column.name]]
            if again is not None and column.name not in unique:
                row.append(again[place])
            else:
                row.append(None if not values or draw.random() < nulls[column.name] else draw.choice(values))
        made.append(tuple(row))
    return made


def insert(table: Relation, rows: Sequence[Row]) -> str:
    """One INSERT for PostgreSQL: rows that a key or a check refuses are left out."""
    columns = filled_columns(table)
    if not rows or not columns:
        return ""
    names = quoted_list([column.name for column in columns])
    values = ", ".join(
        f"({', '.join(_cast(value, column) for value, column in zip(row, columns, strict=True))})" for row in rows
    )
    checks = [
        check.definition.removeprefix("CHECK ").removesuffix(" NOT VALID") for check in table.constraints_of("check")
    ]
    wheres = " AND ".join(f"({check}) IS NOT FALSE" for check in checks)
    return (
        f"INSERT INTO {qualified(table.schema, table.name)} ({names}) OVERRIDING SYSTEM VALUE"
        f" SELECT {names} FROM (VALUES {values}) AS {quoted(table.name)} ({names})"
        f"{' WHERE ' + wheres if wheres else ''} ON CONFLICT DO NOTHING"
    )


def _cast(value: str | None, column: Column) -> str:
    return f"NULL::{column.type}" if value is None else "'" + value.replace("'", "''") + f"'::{column.type}"


def shown(tables: Sequence[Relation], rows: Rows) -> str:
    """The rows of a database in a few lines, for people."""
    lines = []
    for table in tables:
        columns = filled_columns(table)
        listed = [
            "(" + ", ".join("NULL" if value is None else repr(value) for value in row) + ")"
            for row in rows[table.qualified]
        ]
        heading = f"{table.qualified}({', '.join(column.name for column in columns)})"
        lines.append(f"{heading}: {', '.join(listed) if listed else 'empty'}")
    return "\n".join(lines)
