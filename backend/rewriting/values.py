"""Values worth trying in a column: few, so that rows match; those that literals speak of, and their neighbours."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import postgast

from knowledge.query_rewrites.trees import literal, words
from knowledge.schema import Column, Schema

_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
_YEAR = re.compile(r"(?:19|20)\d\d")
_INTEGER = re.compile(r"-?\d{1,18}")
_NUMBER = re.compile(r"-?\d{1,18}(?:\.\d{1,12})?")
_LIMITS = {"smallint": 2**15 - 1, "integer": 2**31 - 1, "bigint": 2**63 - 1}
_FIXED = {
    "boolean": ("true", "false"),
    "uuid": tuple(f"00000000-0000-4000-8000-00000000000{n}" for n in range(3)),
    "json": ('{"a": 1}', "{}", "null", "[]"),
    "jsonb": ('{"a": 1}', "{}", "null", "[]"),
    "bytea": ("\\x", "\\x00"),
    "interval": ("0", "1 day", "-1 hour"),
    "time without time zone": ("00:00:00", "00:00:01", "23:59:59.999999"),
    "inet": ("10.0.0.1", "10.0.0.0/8"),
}
_TIMES = _FIXED["time without time zone"]
MOST = 12
"""Values of one type: with more, rows of two tables seldom meet."""
MANY = 100
"""Values of one type to choose from, where checks refuse most."""


def literals_of(sql: str) -> tuple[str, ...]:
    """The constants a query is written with, as text."""
    grammar = postgast.pg_query_pb2
    found: dict[str, None] = {}
    for constant in postgast.find_nodes(postgast.parse(sql), grammar.A_Const):
        match constant.WhichOneof("val"):
            case "ival":
                found[str(constant.ival.ival)] = None
            case "fval":
                found[constant.fval.fval] = None
            case "sval":
                found[constant.sval.sval] = None
    return tuple(found)


def compared_with(sql: str) -> dict[str, tuple[str, ...]]:
    """The constants that stand right beside a column of a name in some condition."""
    grammar = postgast.pg_query_pb2
    found: dict[str, tuple[str, ...]] = {}
    for condition in postgast.find_nodes(postgast.parse(sql), grammar.A_Expr):
        sides = (condition.lexpr, condition.rexpr)
        for column, value in (sides, sides[::-1]):
            text = literal(value)
            if column.WhichOneof("node") == "column_ref" and text is not None:
                name = words(column.column_ref)[-1]
                found[name] = (*found.get(name, ()), text)
    return found


def joined_by(sql: str) -> frozenset[str]:
    """The names of columns that are compared with another column for equality."""
    grammar = postgast.pg_query_pb2
    found: set[str] = set()
    for condition in postgast.find_nodes(postgast.parse(sql), grammar.A_Expr):
        sides = [side for side in (condition.lexpr, condition.rexpr) if side.WhichOneof("node") == "column_ref"]
        if len(sides) == 2 and condition.name[0].string.sval == "=":
            found |= {words(side.column_ref)[-1] for side in sides}
    return frozenset(found)


def pool(column: Column, schema: Schema, literals: tuple[str, ...], *, few: bool = True) -> tuple[str, ...]:
    """Values for a column in PostgreSQL's text form; ``()`` where no value of its type is known.

    Args:
        column: of a table.
        schema: for its enums.
        literals: what to try first.
        few: no more than :data:`MOST` values of a kind; else :data:`MANY`.
    """
    kind = column.type.split("(")[0]
    if labels := schema.enums.get(column.type):
        return tuple(sorted(labels, key=lambda label: label not in literals))[: MOST if few else MANY]
    if column.type.endswith("[]"):
        first = pool(replace(column, type=column.type.removesuffix("[]")), schema, literals)[:2]
        return ("{}", *(f"{{{_element(value)}}}" for value in first), f"{{{', '.join(map(_element, first))}}}")
    if kind in _FIXED:
        return tuple(dict.fromkeys((*_written(kind, literals), *_FIXED[kind])))[:MOST]
    return tuple(dict.fromkeys(_made(kind, literals)))[: MOST * 2 if few else MANY]


def _element(value: str) -> str:
    """A value within an array's text form."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _written(kind: str, literals: tuple[str, ...]) -> Iterator[str]:
    """The literals that are certainly of a kind; bytes as many as a number says."""
    if kind == "uuid":
        yield from (text for text in literals if len(text) == 36)
    if kind == "bytea":
        yield from ("\\x" + "61" * int(text) for text in literals if _INTEGER.fullmatch(text) and 0 < int(text) < 65)


def _made(kind: str, literals: tuple[str, ...]) -> Iterator[str]:
    if kind in _LIMITS:
        yield from _integers(literals, _LIMITS[kind])
    elif kind in ("numeric", "real", "double precision"):
        yield from _numbers(literals)
    elif kind == "date":
        yield from (day.isoformat() for day in _days(literals))
    elif kind.startswith("timestamp"):
        yield from (f"{day.isoformat()} {time}" for day in _days(literals) for time in _TIMES)
    elif kind in ("text", "character varying", "character", "citext", "name"):
        yield from _texts(literals)


def _integers(literals: tuple[str, ...], limit: int) -> Iterator[str]:
    for text in literals:
        if _INTEGER.fullmatch(text.partition(".")[0]):
            number = int(text.partition(".")[0])
            yield from (str(near) for near in (number, number + 1, number - 1) if abs(near) <= limit)
    yield from ("1", "2", "0", "3", "-1", str(limit))


def _numbers(literals: tuple[str, ...]) -> Iterator[str]:
    for text in literals:
        if _NUMBER.fullmatch(text):
            yield from (text, str(int(text.partition(".")[0]) + 1), f"{text.partition('.')[0]}.25")
    yield from ("1", "2", "0", "0.5", "-1")
    yield from (str(int(text.partition(".")[0]) - 1) for text in literals if _NUMBER.fullmatch(text))


def _days(literals: tuple[str, ...]) -> Iterator[date]:
    for text in literals:
        if match := _DATE.match(text):
            try:
                yield from _near(date(*map(int, match.groups())))
            except ValueError:
                continue
        elif _YEAR.fullmatch(text):
            yield from (date(int(text), 1, 1), date(int(text), 12, 31), date(int(text) + 1, 1, 1))
            yield from (date(int(text) - 1, 12, 31), date(int(text), 6, 15))
    yield from (date(2026, 1, 1), date(2026, 1, 2))


def _near(day: date) -> Iterator[date]:
    yield from (day, day + timedelta(days=1), day - timedelta(days=1))
    yield (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    yield day.replace(year=day.year + 1, day=1, month=1)


def _texts(literals: tuple[str, ...]) -> Iterator[str]:
    for text in literals:
        yield text.replace("%", "").replace("_", "x")
        if "%" in text:
            yield text.replace("%", "q")
    yield from ("a", "b", "", "A")
    yield from (text + "a" for text in literals if len(text) < 30)
    yield from (text[:-1] + chr(ord(text[-1]) + 1) for text in literals if text and text[-1].isalnum())
