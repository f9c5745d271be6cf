"""A change of tables on SQLite: each is made anew, as a new project would make it, and filled from the old one."""

from __future__ import annotations

from collections.abc import Iterator

from backend.scaffold.migrations.changes import conversion
from backend.scaffold.migrations.code import create_index, items, string
from backend.scaffold.migrations.values import fill_of, literal
from knowledge.blueprint.model import Blueprint
from knowledge.blueprint.table import Column, ColumnKind, ColumnType, Table

_BACK = {
    (ColumnKind.DECIMAL, ColumnKind.BIGINT): "CAST({} AS INTEGER)",
    (ColumnKind.STRING, ColumnKind.BIGINT): (
        "CASE WHEN {} = CAST(CAST({} AS INTEGER) AS TEXT) THEN CAST({} AS INTEGER) END"
    ),
    (ColumnKind.TIMESTAMP, ColumnKind.DATE): "substr({}, 1, 10)",
}
"""Ways back of conversions that only go one way; a text that is no number becomes NULL, never 0."""


def rebuild(blueprint: Blueprint, before: Table, after: Table) -> list[str]:
    """Lines that turn one shape of a table into another; ``blueprint`` is the one of the other."""
    filled = copied(blueprint, before, after)
    copy = "".join(f"        {string(name)}: {string(expression)},\n" for name, expression in filled.items())
    return [
        f'rebuild("{after.name}",',
        *(f"    {item}," for item in items(after)),
        "    copy={",
        *copy.rstrip("\n").splitlines(),
        "    },",
        ")",
        *(create_index(after, index) for index in after.indexes),
    ]


def copied(blueprint: Blueprint, before: Table, after: Table) -> dict[str, str]:
    """The expression over an old row that each column of the new table is filled with."""
    return {column.name: _expression(blueprint, before, after, column) for column in after.columns}


def _expression(blueprint: Blueprint, before: Table, after: Table, column: Column) -> str:
    """What the column is filled with: the old value, or what old rows get."""
    known = {item.name: item for item in before.columns}.get(column.name)
    fill = None if column.nullable else fill_of(blueprint, after, column)
    value = literal(fill.value, column.type, sqlite=True) if fill is not None else "NULL"
    if known is None:
        return value
    kept = "".join(_converted(known.type, column.type)).replace("{}", f'"{column.name}"')
    return f"coalesce({kept}, {value})" if known.nullable and not column.nullable and fill is not None else kept


def _converted(before: ColumnType, after: ColumnType) -> Iterator[str]:
    if before == after:
        yield "{}"
        return
    way = conversion(before, after)
    yield way.sqlite if way is not None else _BACK.get((before.kind, after.kind), "{}")
