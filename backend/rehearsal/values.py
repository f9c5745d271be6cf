"""An SQL expression for the value of any column, distinct from row to row wherever the type allows it."""

from __future__ import annotations

import re

from knowledge.identifiers import qualified, quoted
from knowledge.schema import Column, Constraint, Relation, Schema

_LENGTH = re.compile(r"^(?:character varying|character|bit varying|bit)\((\d+)\)")
_LITERAL = re.compile(r"'((?:[^']|'')*)'")
_SIMPLE = {
    "boolean": "{i} % 2 = 0",
    "uuid": "('00000000-0000-4000-8000-' || lpad({i}::text, 12, '0'))::uuid",
    "date": "date '2026-01-01' + {i}::integer",
    "time without time zone": "time '00:00' + {i} * interval '1 minute'",
    "time with time zone": "timetz '00:00+00' + {i} * interval '1 minute'",
    "interval": "{i} * interval '1 minute'",
    "json": "json_build_object('n', {i})",
    "jsonb": "jsonb_build_object('n', {i})",
    "bytea": "decode(lpad(to_hex({i}::integer), 8, '0'), 'hex')",
    "inet": "('10.0.0.' || {i} % 256)::inet",
    "cidr": "('10.0.0.' || {i} % 256 || '/32')::cidr",
    "macaddr": "('08:00:2b:00:00:' || lpad(to_hex({i}::integer % 256), 2, '0'))::macaddr",
    "tsvector": "to_tsvector('simple', {i}::text)",
    "point": "point({i}, {i})",
    "money": "{i}::money",
    "hstore": "hstore('n', {i}::text)",
    "xml": "'<n/>'::xml",
    "oid": "{i}::oid",
    "bit": "'1'::bit(1)",
    "bit varying": "'1'::varbit",
    "int4range": "int4range({i}::integer * 10, {i}::integer * 10 + 9)",
    "int8range": "int8range({i} * 10, {i} * 10 + 9)",
    "numrange": "numrange({i} * 10, {i} * 10 + 9)",
    "daterange": "daterange(date '2026-01-01' + {i}::integer * 10, date '2026-01-09' + {i}::integer * 10)",
    "tstzrange": "tstzrange(timestamptz '2026-01-01' + {i} * interval '1 day',"
    " timestamptz '2026-01-01 12:00' + {i} * interval '1 day')",
    "tsrange": "tsrange(timestamp '2026-01-01' + {i} * interval '1 day',"
    " timestamp '2026-01-01 12:00' + {i} * interval '1 day')",
}
_NUMBERS = ("smallint", "integer", "bigint", "numeric", "real", "double precision", "decimal")


def value(column: Column, table: Relation, schema: Schema, i: str) -> str:
    """The value of ``column`` in row ``i`` (an SQL name that counts from 1)."""
    key = next((key for key in table.constraints_of("foreign") if column.name in key.columns), None)
    if key is not None and (target := schema.by_name.get(key.target)) is not None:
        return _of_parent(key, column.name, target, i)
    if labels := _allowed(column, table):
        listed = ", ".join(f"'{label}'" for label in labels)
        return f"(ARRAY[{listed}])[1 + ({i}::integer - 1) % {len(labels)}]::{column.type}"
    return f"({by_type(column.type, schema, i)})"


def _of_parent(key: Constraint, column: str, target: Relation, i: str) -> str:
    """The value a row of the parent has; all columns of one key come from the same row.

    A self reference finds no row yet and stays NULL.
    """
    names = key.target_columns or target.primary_key
    own = names[key.columns.index(column)]
    parent = qualified(target.schema, target.name)
    order = ", ".join(quoted(name) for name in names)
    return (
        f"(SELECT {quoted(own)} FROM {parent} ORDER BY {order} LIMIT 1"
        f" OFFSET ({i} - 1) % greatest((SELECT count(*) FROM {parent}), 1))"
    )


def _allowed(column: Column, table: Relation) -> list[str]:
    """The labels a CHECK on this text column alone lists, as they stand between quotes."""
    if column.type.split("(")[0] not in ("text", "character varying", "character"):
        return []
    for check in table.constraints_of("check"):
        if check.columns == (column.name,):
            return _LITERAL.findall(check.definition) if "=" in check.definition else []
    return []


def by_type(type_name: str, schema: Schema, i: str) -> str:
    """An SQL expression of a type, distinct for each ``i`` where the type allows it."""
    if type_name.endswith("[]"):
        return f"ARRAY[{by_type(type_name[:-2], schema, i)}]::{type_name}"
    base = type_name.split("(")[0]
    if base.startswith("timestamp"):
        return f"timestamptz '2026-01-01 00:00+00' + {i} * interval '1 hour'"
    if base.startswith(_NUMBERS):
        return i
    if type_name in schema.enums or f"public.{type_name}" in schema.enums:
        label = (schema.enums.get(type_name) or schema.enums[f"public.{type_name}"])[0]
        return "'" + label.replace("'", "''") + f"'::{type_name}"
    if match := _LENGTH.match(type_name):
        digits = f"left({i}::text, {match[1]})"
        return f"repeat('1', {match[1]})::{type_name}" if base.startswith("bit") else f"{digits}::{type_name}"
    if base in _SIMPLE:
        return _SIMPLE[base].format(i=i)
    # Text that is also a number survives most casts a later migration may ask for.
    return f"{i}::text::{type_name}" if base != "text" else f"{i}::text"
