"""How large documents can get. Sizes by the specification of BSON (https://bsonspec.org/spec.html)."""

from __future__ import annotations

from typing import Final

from knowledge.blueprint.table import Column, ColumnKind, Table

LIMIT: Final = 16 * 1024 * 1024
"""Bytes of a document at most (https://www.mongodb.com/docs/manual/reference/limits/)."""
JSON_BYTES: Final = 16 * 1024
"""Assumed of fields of type json, which have no limit of their own."""
CHARACTER: Final = 4
"""Bytes of a character in UTF-8, at most."""

_FIXED: Final = {
    ColumnKind.UUID: 4 + 1 + 16,
    ColumnKind.SMALLINT: 4,
    ColumnKind.INTEGER: 4,
    ColumnKind.BIGINT: 8,
    ColumnKind.SERIAL: 8,
    ColumnKind.DECIMAL: 16,
    ColumnKind.BOOLEAN: 1,
    ColumnKind.TIMESTAMP: 8,
    ColumnKind.DATE: 4 + 10 + 1,
    ColumnKind.JSON: JSON_BYTES,
}
_EMPTY: Final = 4 + 1


def document_size(table: Table, without: str = "") -> int:
    """Bytes of a row as a document at most, the column ``without`` left out."""
    return _EMPTY + sum(_element(column.name, _value(column)) for column in table.columns if column.name != without)


def room(inside: Table, each: int) -> int:
    """How many parts of ``each`` bytes fit into a document beside the row's own values."""
    return max(0, LIMIT - document_size(inside) - _element("x" * 40, _EMPTY)) // _element("0" * 7, each)


def identifier_size() -> int:
    """Bytes of an id."""
    return _FIXED[ColumnKind.UUID]


def _element(name: str, value: int) -> int:
    """A type, a name, and the value."""
    return 1 + len(name.encode()) + 1 + value


def _value(column: Column) -> int:
    if column.type.kind is ColumnKind.STRING:
        return 4 + CHARACTER * column.type.length + 1
    return _FIXED.get(column.type.kind, JSON_BYTES)
