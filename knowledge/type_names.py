"""Type names in PostgreSQL's own spelling, as ``format_type`` and the catalogs write them."""

from __future__ import annotations

from typing import Any

from knowledge.identifiers import qualified

INTERNAL = {
    "int2": "smallint",
    "int4": "integer",
    "int": "integer",
    "int8": "bigint",
    "bool": "boolean",
    "float4": "real",
    "float8": "double precision",
    "decimal": "numeric",
    "varchar": "character varying",
    "bpchar": "character",
    "char": '"char"',
    "varbit": "bit varying",
    "timestamp": "timestamp without time zone",
    "timestamptz": "timestamp with time zone",
    "time": "time without time zone",
    "timetz": "time with time zone",
}
"""Names of ``pg_type`` and what SQL calls them."""

SERIAL = {
    "smallserial": "smallint",
    "serial2": "smallint",
    "serial": "integer",
    "serial4": "integer",
    "bigserial": "bigint",
    "serial8": "bigint",
}
"""Words that are not types but an integer column with a sequence of its own."""

_SIMPLE = {name: kind for name, kind in (INTERNAL | SERIAL).items() if name != "bpchar"} | {
    name: name for name in ("text", "uuid", "jsonb", "json", "date", "numeric", "inet", "bytea", "interval")
}
_WITH_ZONE = " with"


def column_type(node: Any) -> tuple[str, bool]:
    """The type of a column, and whether its word asks for a sequence (``serial``)."""
    names = node.names
    count = len(names)
    if count and not node.typmods and not node.array_bounds:
        word = names[count - 1].string.sval
        simple = _SIMPLE.get(word)
        if simple is not None and (count == 1 or names[0].string.sval == "pg_catalog"):
            return simple, count == 1 and word in SERIAL
    return type_text(node), False


def type_text(node: Any) -> str:
    """The type a TypeName node means: ``numeric(12,2)``, ``timestamp(3) with time zone``, ``text[]``."""
    names = node.names
    parts = [part.string.sval for part in names]
    if len(parts) > 1 and parts[0] != "pg_catalog":
        base = qualified(parts[-2], parts[-1])
    else:
        base = SERIAL.get(parts[-1]) or INTERNAL.get(parts[-1]) or parts[-1]
    sizes = [item.a_const.ival.ival for item in node.typmods if item.WhichOneof("node") == "a_const"]
    if sizes and base != "interval" and not (base == "character" and sizes == [1]):
        base = _sized(base, ",".join(str(size) for size in sizes))
    elif base == "character":
        base = "character(1)"
    return base + ("[]" if node.array_bounds else "")


def _sized(base: str, size: str) -> str:
    word, space, rest = base.partition(_WITH_ZONE)
    if base.startswith("time") and space:
        return f"{word}({size}){space}{rest}"
    return f"{base}({size})"


def is_serial(node: Any) -> bool:
    """Whether the type's word asks for a sequence."""
    return len(node.names) == 1 and node.names[0].string.sval in SERIAL
