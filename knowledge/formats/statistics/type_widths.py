"""How many bytes a column takes, and how many pages a table of such columns (manual, 66.6: page layout)."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

from knowledge.schema import Column
from knowledge.statistics import BLOCK_SIZE

_FIXED = {
    "boolean": (1, 1), '"char"': (1, 1), "smallint": (2, 2), "integer": (4, 4), "real": (4, 4), "date": (4, 4),
    "oid": (4, 4), "bigint": (8, 8), "double precision": (8, 8), "money": (8, 8), "time without time zone": (8, 8),
    "timestamp without time zone": (8, 8), "timestamp with time zone": (8, 8), "time with time zone": (12, 8),
    "interval": (16, 8), "uuid": (16, 1), "macaddr": (6, 4), "point": (16, 8), "name": (64, 1), "xid": (4, 4),
    "circle": (24, 8), "box": (32, 8), "lseg": (32, 8), "line": (24, 8), "pg_lsn": (8, 8), "macaddr8": (8, 4),
}  # fmt: skip
_VARIABLE = {
    "text": 32, "citext": 32, "character varying": 24, "jsonb": 100, "json": 100, "bytea": 200, "xml": 200,
    "tsvector": 300, "numeric": 8, "inet": 7, "cidr": 7, "bit varying": 9, "hstore": 100,
}  # fmt: skip
_LONG = re.compile(r"body|content|description|comment|message|text|html|markdown|payload|notes?$|bio$", re.IGNORECASE)
_TYPE = re.compile(r"(?P<name>[^(\[]+?)\s*(?:\((?P<limit>\d+)(?:,\s*\d+)?\))?(?P<rest> [a-z ]+)?(?P<array>(?:\[\])*)")

_PAGE_HEADER, _LINE_POINTER, _TUPLE_HEADER = 24, 4, 23
_SHORT = 127
"""Longer values of variable length have a header of four bytes, and are aligned."""
_TOAST_TARGET = 2_032
"""Longer rows are moved out of line in part."""


@dataclass(frozen=True)
class Width:
    """Bytes of a value, its header included, and what it is aligned to."""

    bytes: int
    alignment: int = 1
    guessed: bool = False


def plain_type(kind: str) -> tuple[str, int | None, bool]:
    """The name of a type without its modifiers, its length limit or precision, and whether it is an array."""
    match = _TYPE.fullmatch(kind)
    if match is None:
        return kind, None, False
    return match["name"] + (match["rest"] or ""), int(match["limit"]) if match["limit"] else None, bool(match["array"])


def width_of(column: Column, *, is_enum: bool = False) -> Width:
    """How wide a column's values are, or are guessed to be."""
    name, limit, is_array = plain_type(column.type)
    if is_enum and not is_array:
        return Width(4, 4)
    if is_array:
        return Width(60, 4, guessed=True)
    if name in _FIXED:
        return Width(*_FIXED[name])
    if name == "character":
        return Width((limit or 1) + 1)
    if name == "numeric" and limit is not None:
        return Width(3 + 2 * math.ceil(min(limit, 12) / 8 + 0.5))
    if name == "character varying" and limit is not None:
        return _variable(min(limit, max(8, min(limit // 2, 60))))
    if name == "text" and _LONG.search(column.name):
        return _variable(200)
    return _variable(_VARIABLE.get(name, 32))


def _variable(length: int) -> Width:
    return Width(length + 1, guessed=True) if length < _SHORT else Width(length + 4, 4, guessed=True)


def pages_of(widths: Iterable[Width], rows: float, *, nullable: bool, columns: int) -> int:
    """Pages that a table fills which was loaded at once."""
    header = _TUPLE_HEADER + (math.ceil(columns / 8) if nullable else 0)
    length = _aligned(header, 8)
    for width in widths:
        length = _aligned(length, width.alignment) + width.bytes
    length = _aligned(min(length, _TOAST_TARGET), 8)
    in_page = (BLOCK_SIZE - _PAGE_HEADER) // (length + _LINE_POINTER)
    return math.ceil(rows / max(in_page, 1))


def _aligned(length: int, alignment: int) -> int:
    return -(-length // alignment) * alignment
