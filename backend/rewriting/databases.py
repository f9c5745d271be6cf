"""Small random databases of a schema: empty tables, NULLs, duplicates, values at the edges of conditions."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence

from backend.rewriting.checks import spoken_of
from backend.rewriting.fitting import Fitting, Pools, in_sql
from backend.rewriting.values import compared_with, joined_by, literals_of, pool
from knowledge.identifiers import qualified, quoted_list
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


def pools_of(tables: Sequence[Relation], schema: Schema, sql: str) -> Pools:
    """Values for every column: those that the query compares it with, that its checks speak of, and others."""
    literals, compared = literals_of(sql), compared_with(sql)
    pools: dict[tuple[str, str], tuple[str, ...]] = {}
    for table in tables:
        checked = spoken_of(table)
        for column in filled_columns(table):
            wanted = (*compared.get(column.name, ()), *checked.get(column.name, ()), *literals)
            pools[(table.qualified, column.name)] = pool(column, schema, wanted, few=column.name not in checked)
    return pools


def databases(
    tables: Sequence[Relation],
    schema: Schema,
    sql: str,
    count: int,
    seed: int,
    fitting: Mapping[str, Sequence[Fitting]] | None = None,
) -> Iterator[Rows]:
    """The databases to compare a query on, the same ones for the same arguments.

    The first is empty, then each table alone is empty, then sizes are drawn.

    Args:
        tables: to fill.
        schema: for its enums.
        sql: the query and its rewrite.
        count: how many databases.
        seed: of the values.
        fitting: by ``schema.table``, what checks accept; values of other columns are drawn one by one.
    """
    joined = joined_by(sql)
    pools = pools_of(tables, schema, sql)
    for number in range(count):
        draw = random.Random(seed * 100_003 + number)
        rows: dict[str, list[Row]] = {}
        for place, table in enumerate(tables):
            empty = number == 0 or (number <= len(tables) and place == number - 1)
            size = 0 if empty else draw.choice(SIZES if number > len(tables) else SIZES[2:])
            fit = (fitting or {}).get(table.qualified, ())
            rows[table.qualified] = _rows(table, pools, fit, joined, size, draw)
        yield rows


def _rows(
    table: Relation,
    pools: Pools,
    fitting: Sequence[Fitting],
    joined: frozenset[str],
    size: int,
    draw: random.Random,
) -> list[Row]:
    columns = filled_columns(table)
    nulls = {column.name: draw.choice(NULLS) if column.nullable else 0.0 for column in columns}
    narrow = {column.name: draw.choice(JOINED if column.name in joined else VARIETY) for column in columns}
    made: list[Row] = []
    unique = {name for kind in ("primary", "unique") for key in table.constraints_of(kind) for name in key.columns}
    bound = {name for fit in fitting for name in fit.columns}
    for _ in range(size):
        again = dict(zip(nulls, made[-1], strict=True)) if made and draw.random() < REPEATED else None
        row: dict[str, str | None] = {}
        for column in columns:
            values = pools[(table.qualified, column.name)][: narrow[column.name]]
            if again is not None and column.name not in unique:
                row[column.name] = again[column.name]
            elif column.name not in bound:
                row[column.name] = None if not values or draw.random() < nulls[column.name] else draw.choice(values)
        for fit in fitting:
            if not all(name in row for name in fit.columns):
                most = min(narrow[name] for name in fit.columns)
                drawn = fit.drawn([nulls[name] for name in fit.columns], most, draw)
                row.update(zip(fit.columns, drawn, strict=True))
        made.append(tuple(row[column.name] for column in columns))
    return made


def insert(table: Relation, rows: Sequence[Row]) -> str:
    """One INSERT for PostgreSQL: rows that a key refuses are left out, one that a check refuses fails."""
    columns = filled_columns(table)
    if not rows or not columns:
        return ""
    names = quoted_list([column.name for column in columns])
    values = ", ".join(f"({in_sql(row, columns)})" for row in rows)
    return (
        f"INSERT INTO {qualified(table.schema, table.name)} ({names}) OVERRIDING SYSTEM VALUE"
        f" VALUES {values} ON CONFLICT DO NOTHING"
    )


def insert_what_fits(table: Relation, rows: Sequence[Row]) -> str:
    """The same row by row, without those that anything refuses: much slower."""
    steps = "".join(f"BEGIN {insert(table, [row])}; EXCEPTION WHEN OTHERS THEN NULL; END; " for row in rows)
    return "DO '" + f"BEGIN {steps}END".replace("'", "''") + "'" if steps and filled_columns(table) else ""


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
