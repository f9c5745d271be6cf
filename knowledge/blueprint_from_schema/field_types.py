"""Types of columns as types of fields, and what is lost on the way."""

from __future__ import annotations

import re
from typing import Any, Final

from knowledge.blueprint.checks.fields import MAX_STRING, MAX_TEXT, MAX_VALUE
from knowledge.blueprint.fields import MAX_VALUES, STRING_LIMIT
from knowledge.schema import Column, Schema

Options = dict[str, Any]

PRECISION: Final = 15
"""Digits of a blueprint's decimals at most."""

_INTEGERS: Final = {
    "smallint": 2**15 - 1,
    "int2": 2**15 - 1,
    "integer": 2**31 - 1,
    "int": 2**31 - 1,
    "int4": 2**31 - 1,
    "mediumint": 2**23 - 1,
}
_PLAIN: Final = {
    "bigint": "integer",
    "int8": "integer",
    "boolean": "boolean",
    "bool": "boolean",
    "timestamp with time zone": "datetime",
    "timestamptz": "datetime",
    "date": "date",
    "uuid": "uuid",
    "jsonb": "json",
    "json": "json",
}
_TOLD: Final[dict[str, tuple[Options, str]]] = {
    "timestamp without time zone": ({"type": "datetime"}, "moments without time zone are taken as UTC"),
    "timestamp": ({"type": "datetime"}, "moments without time zone are taken as UTC"),
    "datetime": ({"type": "datetime"}, "moments without time zone are taken as UTC"),
    "real": ({"type": "decimal", "precision": PRECISION, "scale": 6}, "a binary fraction is taken as a decimal"),
    "double precision": (
        {"type": "decimal", "precision": PRECISION, "scale": 6},
        "a binary fraction is a decimal here",
    ),
    "money": ({"type": "decimal", "precision": PRECISION, "scale": 2}, "money is taken as a decimal"),
    "citext": ({"type": "string"}, "letters of either case are told apart here"),
    "inet": ({"type": "string", "max_length": 43}, "addresses are taken as text"),
    "cidr": ({"type": "string", "max_length": 43}, "addresses are taken as text"),
    "interval": ({"type": "string", "max_length": 100}, "intervals are taken as text"),
    "time": ({"type": "string", "max_length": 21}, "times of day are taken as text"),
    "time without time zone": ({"type": "string", "max_length": 15}, "times of day are taken as text"),
    "time with time zone": ({"type": "string", "max_length": 21}, "times of day are taken as text"),
}
_LEFT_OUT: Final = ("bytea", "blob", "tsvector", "geometry", "geography", "vector", "xml")
_SIZED: Final = re.compile(r"(?P<name>[^(]+?)\s*\((?P<sizes>[\d,\s]+)\)(?P<rest>.*)")


def moment(kind: str) -> bool:
    """Whether columns of a type hold moments in time."""
    return re.sub(r"\(\d+\)", "", kind.lower()).startswith(("timestamp", "datetime"))


def field_options(column: Column, schema: Schema, *, keyed: bool) -> tuple[Options | None, str]:
    """The options of the field a column becomes (``None``: it cannot become one), and what is to be told about it.

    ``keyed``: its values are unique or compared, so a text has to be a string of limited length.
    """
    kind, sizes = _split(column.type)
    labels = schema.enums.get(column.type) or schema.enums.get(column.type.removeprefix("public."))
    if labels is not None:
        return _enum(labels)
    if kind.endswith("[]"):
        return {"type": "json"}, "an array is taken as a JSON value, its elements are not checked"
    if kind in _INTEGERS:
        most = _INTEGERS[kind]
        return {"type": "integer", "minimum": -most - 1, "maximum": most}, ""
    if kind == "tinyint":
        return {"type": "boolean"}, "a tinyint is taken as true or false"
    if kind in _PLAIN:
        return {"type": _PLAIN[kind]}, ""
    if kind in ("text", "clob"):
        return ({"type": "string"}, f"values are limited to {STRING_LIMIT} characters") if keyed else _text()
    if kind in ("character varying", "varchar", "character", "char", "nvarchar", "bpchar"):
        return _string(kind, sizes)
    if kind in ("numeric", "decimal"):
        return _decimal(sizes)
    if kind in _TOLD:
        options, told = _TOLD[kind]
        return dict(options), told
    if kind.startswith(_LEFT_OUT):
        return None, f"columns of type {column.type} are left out"
    return {"type": "string"}, f"values of type {column.type or 'unknown'} are taken as text"


def _split(text: str) -> tuple[str, tuple[int, ...]]:
    """``numeric(12,2)`` as its name and sizes; of moments the digits of a second do not count."""
    sized = _SIZED.fullmatch(text.strip())
    if sized is None:
        return text.strip().lower(), ()
    sizes = tuple(int(size) for size in sized["sizes"].split(",") if size.strip())
    return (sized["name"].strip() + sized["rest"]).lower(), sizes


def _text() -> tuple[Options, str]:
    return {"type": "text"}, ""


def _string(kind: str, sizes: tuple[int, ...]) -> tuple[Options, str]:
    length = sizes[0] if sizes else (1 if kind in ("character", "char", "bpchar") else 0)
    if not length:
        return _text()
    if length > MAX_STRING:
        told = "" if length <= MAX_TEXT else f"values are limited to {MAX_TEXT:,} characters"
        return {"type": "text", "max_length": min(length, MAX_TEXT)}, told
    if kind in ("character", "char", "bpchar"):
        return {"type": "string", "min_length": length, "max_length": length}, ""
    return {"type": "string", "max_length": length}, ""


def _decimal(sizes: tuple[int, ...]) -> tuple[Options, str]:
    precision, scale = (*sizes, 0, 0)[:2]
    if not precision:
        return {
            "type": "decimal",
            "precision": PRECISION,
            "scale": 4,
        }, "numbers of any size get 15 digits, 4 of them decimals"
    if precision > PRECISION:
        told = f"of {precision} digits {PRECISION} are kept, which every engine holds exactly"
        return {"type": "decimal", "precision": PRECISION, "scale": min(scale, PRECISION)}, told
    return {"type": "decimal", "precision": precision, "scale": min(scale, precision)}, ""


def _enum(labels: tuple[str, ...]) -> tuple[Options, str]:
    if len(labels) > MAX_VALUES or any(len(label) > MAX_VALUE for label in labels):
        return {"type": "string"}, "the values of its type are too many or too long for a list of them"
    return {"type": "enum", "values": list(labels)}, ""
