"""Reads that are compiled once and then sent as they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Executable, Integer, Label, Select, bindparam
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import InstrumentedAttribute

SEPARATOR = "__"
"""Between a relation and a column of the row it leads to, in the names of selected columns."""


LIMIT = bindparam("limit", type_=Integer)
OFFSET = (bindparam("page", type_=Integer) - 1) * LIMIT
"""Rows before the page."""


class Query:
    """A SELECT with named parameters. Keep it in a module's variable, so that it is compiled only once."""

    def __init__(self, statement: Select[Any]) -> None:
        self.statement = statement
        self._nested = any(SEPARATOR in name for name, _ in statement.selected_columns.items())
        self._compiled: dict[str, tuple[str, tuple[str, ...], dict[str, Any]]] = {}

    def for_driver(self, dialect: Dialect, parameters: Mapping[str, Any]) -> tuple[str, list[Any]]:
        """The SQL as the driver takes it, and its arguments in order."""
        compiled = self._compiled.get(dialect.driver)
        if compiled is None:
            made = self.statement.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
            compiled = self._compiled[dialect.driver] = (made.string, tuple(made.positiontup or ()), dict(made.params))
        sql, names, constants = compiled
        return sql, [parameters[name] if name in parameters else constants[name] for name in names]

    def shaped(self, rows: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
        """Rows with what was embedded in them as mappings of their own."""
        return [_nest(row) for row in rows] if self._nested else rows


def embedded(relation: str, columns: Iterable[InstrumentedAttribute[Any]]) -> list[Label[Any]]:
    """The columns of a joined row, so named that :class:`Query` puts them under ``relation``."""
    return [column.label(f"{relation}{SEPARATOR}{column.key}") for column in columns]


def _nest(row: Mapping[str, Any]) -> dict[str, Any]:
    shaped: dict[str, Any] = {}
    for name, value in row.items():
        relation, separator, column = name.partition(SEPARATOR)
        if separator:
            shaped.setdefault(relation, {})[column] = value
        else:
            shaped[name] = value
    # An outer join that found nothing leaves only nulls; every row has an id.
    return {name: None if isinstance(v, dict) and "id" in v and v["id"] is None else v for name, v in shaped.items()}


async def first_row(
    connection: AsyncConnection, statement: Executable, parameters: Mapping[str, Any] | None = None
) -> Mapping[str, Any] | None:
    """The first row of a read within a transaction, or ``None``."""
    row = (await connection.execute(statement, parameters)).mappings().first()
    return cast("Mapping[str, Any] | None", row)


async def returned_row(
    connection: AsyncConnection, statement: Executable, parameters: Mapping[str, Any] | None = None
) -> Mapping[str, Any]:
    """The one row that a write returns."""
    return cast("Mapping[str, Any]", (await connection.execute(statement, parameters)).mappings().one())


async def returned_rows(connection: AsyncConnection, statement: Executable) -> Sequence[Mapping[str, Any]]:
    """All rows that a write returns."""
    return cast("Sequence[Mapping[str, Any]]", (await connection.execute(statement)).mappings().all())
