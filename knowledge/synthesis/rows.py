"""A few rows for a table: values by type, distinct from row to row and the same on every run."""

from __future__ import annotations

import re

ROWS = 3

_SIZED = re.compile(r"(?P<base>[^()]+)\((?P<size>\d+)")


def value(kind: str, name: str, row: int, literals: tuple[str, ...] = ()) -> str:
    """A SQL literal of type ``kind`` for the ``row``-th row (from 1) of a column called ``name``.

    Args:
        kind: the type in PostgreSQL's spelling.
        name: the column's name, which text values carry.
        row: which row; values of different rows differ, except for booleans and ``literals``.
        literals: values the script itself compares the column with, or an enum's labels: taken in turn.
    """
    if literals:
        return quote(literals[(row - 1) % len(literals)])
    sized = _SIZED.match(kind)
    base = kind.partition("(")[0].strip() if sized else kind
    if kind.endswith("[]"):
        return quote("{" + value(kind[:-2], name, row).strip("'") + "}") if "json" not in kind else "'{}'"
    maker = _MAKERS.get(base)
    if maker is not None:
        return quote(maker.format(row=row))
    if base.startswith("timestamp"):
        return quote(f"2026-01-0{row} 12:00:00+00")
    if base.startswith("time"):
        return quote(f"12:0{row}:00+00" if "with time" in kind and "without" not in kind else f"12:0{row}:00")
    if base in ("vector", "halfvec"):
        size = int(sized["size"]) if sized else 3
        return quote("[" + ",".join([str(row)] + ["0"] * (size - 1)) + "]")
    if base in ("bit", "bit varying"):
        size = int(sized["size"]) if sized else 1
        return quote(format(row, "b").zfill(size)[-size:])
    return quote(_text(name, row, int(sized["size"]) if sized and base.startswith("character") else 0))


def quote(text: str) -> str:
    """A string literal."""
    return "'" + text.replace("'", "''") + "'"


def _text(name: str, row: int, limit: int) -> str:
    if "email" in name:
        text = f"user{row}@example.com"
    elif "url" in name or "link" in name:
        text = f"https://example.com/{row}"
    else:
        text = f"{name} {row}"
    if limit and len(text) > limit:
        return str(row) if limit < 3 else text[: limit - 2] + f"_{row}"
    return text


_MAKERS = {
    "smallint": "{row}",
    "integer": "{row}",
    "bigint": "{row}",
    "numeric": "{row}",
    "real": "{row}",
    "double precision": "{row}",
    "money": "{row}",
    "oid": "{row}",
    "boolean": "true",
    "uuid": "00000000-0000-4000-8000-00000000000{row}",
    "date": "2026-01-0{row}",
    "interval": "{row} days",
    "json": '{{"n": {row}}}',
    "jsonb": '{{"n": {row}}}',
    "inet": "192.0.2.{row}",
    "cidr": "192.0.2.{row}/32",
    "macaddr": "08:00:2b:01:02:0{row}",
    "bytea": "\\x0{row}",
    "tsvector": "word{row}",
    "tsquery": "word{row}",
    "xml": "<n>{row}</n>",
    "point": "({row},{row})",
    "hstore": "n=>{row}",
    "ltree": "n.{row}",
    "int4range": "[{row}0,{row}9)",
    "int8range": "[{row}0,{row}9)",
    "numrange": "[{row}0,{row}9)",
    "daterange": "[2026-0{row}-01,2026-0{row}-09)",
    "tsrange": "[2026-0{row}-01,2026-0{row}-09)",
    "tstzrange": "[2026-0{row}-01,2026-0{row}-09)",
}
