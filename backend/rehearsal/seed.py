"""A few rows in every table, so that migrations meet data.

Rows are made by the type of each column, distinct in every column, and point only at rows that exist. A table
whose checks refuse them stays empty, and the rehearsal says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from knowledge.identifiers import qualified, quoted
from knowledge.schema import Column, Constraint, Relation, Schema

if TYPE_CHECKING:
    import asyncpg

_LENGTH = re.compile(r"^(?:character varying|character|bit varying|bit)\((\d+)\)")
_SIMPLE = {
    "boolean": "{i} % 2 = 0",
    "uuid": "('00000000-0000-4000-8000-' || lpad({i}::text, 12, '0'))::uuid",
    "date": "date '2026-01-01' + {i}",
    "time without time zone": "time '00:00' + {i} * interval '1 minute'",
    "time with time zone": "timetz '00:00+00' + {i} * interval '1 minute'",
    "interval": "{i} * interval '1 minute'",
    "json": "json_build_object('n', {i})",
    "jsonb": "jsonb_build_object('n', {i})",
    "bytea": "decode(lpad(to_hex({i}), 8, '0'), 'hex')",
    "inet": "('10.0.0.' || {i} % 256)::inet",
    "cidr": "('10.0.0.' || {i} % 256 || '/32')::cidr",
    "macaddr": "('08:00:2b:00:00:' || lpad(to_hex({i} % 256), 2, '0'))::macaddr",
    "tsvector": "to_tsvector('simple', {i}::text)",
    "point": "point({i}, {i})",
    "money": "{i}::money",
    "hstore": "hstore('n', {i}::text)",
    "xml": "'<n/>'::xml",
    "oid": "{i}::oid",
}
_NUMBERS = ("smallint", "integer", "bigint", "numeric", "real", "double precision", "decimal")


@dataclass
class Seeding:
    """Tables that got rows from us, and those that refused them."""

    filled: set[str] = field(default_factory=set)
    refused: dict[str, str] = field(default_factory=dict)


async def seed(connection: asyncpg.Connection, schema: Schema, seeding: Seeding, rows: int) -> None:
    """Put ``rows`` rows into every empty table, and values into new columns of rows that are ours.

    Args:
        connection: an administrator's session on the scratch database. Triggers are off in it, so that none
            of the project's own code runs; constraints other than foreign keys still hold.
        schema: the present catalog.
        seeding: what was done before; brought up to date.
        rows: how many rows a table gets.
    """
    if rows <= 0:
        return
    await connection.execute("SET session_replication_role = replica; SET statement_timeout = '5s'")
    try:
        for table in parents_first(schema):
            if table.partition_of or table.qualified in seeding.refused:
                continue
            if table.qualified in seeding.filled:
                await _fill_columns(connection, table, schema)
            elif not await _has_rows(connection, table):
                await _fill_table(connection, table, schema, seeding, rows)
    finally:
        await connection.execute("RESET session_replication_role; RESET statement_timeout")


async def remove(connection: asyncpg.Connection, schema: Schema, seeding: Seeding) -> None:
    """Take the seeded rows away again; rows that a migration itself inserted stay."""
    await connection.execute("SET session_replication_role = replica")
    try:
        for table in schema.tables:
            if table.qualified in seeding.filled:
                await connection.execute(f"DELETE FROM {qualified(table.schema, table.name)}")
    finally:
        await connection.execute("RESET session_replication_role")
    seeding.filled.clear()


def parents_first(schema: Schema) -> list[Relation]:
    """Tables in an order in which foreign keys point back; cycles are cut anywhere."""
    done: dict[str, Relation] = {}
    visiting: set[str] = set()

    def visit(table: Relation) -> None:
        if table.qualified in done or table.qualified in visiting:
            return
        visiting.add(table.qualified)
        for key in table.constraints_of("foreign"):
            if parent := schema.by_name.get(key.target):
                visit(parent)
        done[table.qualified] = table

    for table in schema.tables:
        visit(table)
    return list(done.values())


async def _has_rows(connection: asyncpg.Connection, table: Relation) -> bool:
    return bool(await connection.fetchval(f"SELECT EXISTS (SELECT FROM {qualified(table.schema, table.name)})"))


async def _fill_table(
    connection: asyncpg.Connection, table: Relation, schema: Schema, seeding: Seeding, rows: int
) -> None:
    import asyncpg

    columns = [column for column in table.columns if not column.generated and column.identity != "always"]
    name = qualified(table.schema, table.name)
    values = ", ".join(value(column, table, schema, "i") for column in columns)
    names = ", ".join(quoted(column.name) for column in columns)
    into = f"INSERT INTO {name} ({names}) SELECT {values}" if columns else f"INSERT INTO {name} DEFAULT VALUES"
    source = f" FROM generate_series(1, {int(rows)}) AS i" if columns else ""
    try:
        async with connection.transaction():
            await connection.execute(into + source)
            await _advance_sequences(connection, table, rows)
        seeding.filled.add(table.qualified)
    except asyncpg.PostgresError as error:
        seeding.refused[table.qualified] = str(error).splitlines()[0]


async def _advance_sequences(connection: asyncpg.Connection, table: Relation, rows: int) -> None:
    """Move serial sequences past our keys, so that the project's own inserts do not collide with them."""
    for column in table.columns:
        if column.sequence:
            await connection.execute("SELECT setval($1::text::regclass, $2)", column.sequence, rows)


async def _fill_columns(connection: asyncpg.Connection, table: Relation, schema: Schema) -> None:
    """Give columns that are new, and NULL in every row, a value: only then can losing them be seen."""
    import asyncpg

    name = qualified(table.schema, table.name)
    numbered = f"(SELECT ctid AS place, row_number() OVER (ORDER BY ctid) AS i FROM {name}) AS numbered"
    for column in table.columns:
        if not column.nullable or column.generated or column.identity:
            continue
        where = f"NOT EXISTS (SELECT FROM {name} WHERE {quoted(column.name)} IS NOT NULL)"
        sql = (
            f"UPDATE {name} AS t SET {quoted(column.name)} = {value(column, table, schema, 'numbered.i')}"
            f" FROM {numbered} WHERE t.ctid = numbered.place AND {where}"
        )
        try:
            async with connection.transaction():
                await connection.execute(sql)
        except asyncpg.PostgresError:
            continue  # a check refuses the value: the column stays NULL, which is a valid row too


def value(column: Column, table: Relation, schema: Schema, i: str) -> str:
    """An SQL expression for the value of ``column`` in row ``i`` (an SQL name)."""
    key = foreign_key_of(table, column.name)
    if key is not None and len(key.columns) == 1:
        target = schema.by_name.get(key.target)
        if target is not None:
            other = quoted(key.target_columns[0]) if key.target_columns else quoted(target.primary_key[0])
            # OFFSET spreads the rows over those of the target; a self reference finds none and stays NULL.
            parent = qualified(target.schema, target.name)
            return (
                f"(SELECT {other} FROM {parent} ORDER BY {other} LIMIT 1"
                f" OFFSET ({i} - 1) % greatest((SELECT count(*) FROM {parent}), 1))"
            )
    return f"({by_type(column.type, schema, i)})"


def foreign_key_of(table: Relation, column: str) -> Constraint | None:
    """The foreign key that holds ``column``, or ``None``."""
    return next((key for key in table.constraints_of("foreign") if column in key.columns), None)


def by_type(type_name: str, schema: Schema, i: str) -> str:
    """An SQL expression of a type, distinct for each ``i`` where the type allows it."""
    if type_name.endswith("[]"):
        return f"ARRAY[{by_type(type_name[:-2], schema, i)}]::{type_name}"
    base = type_name.split("(")[0]
    if base.startswith("timestamp"):
        return f"timestamptz '2026-01-01 00:00+00' + {i} * interval '1 hour'"
    if base.startswith(_NUMBERS):
        return i
    if base in _SIMPLE:
        return _SIMPLE[base].format(i=i)
    if type_name in schema.enums or f"public.{type_name}" in schema.enums:
        label = (schema.enums.get(type_name) or schema.enums[f"public.{type_name}"])[0]
        return "'" + label.replace("'", "''") + f"'::{type_name}"
    if match := _LENGTH.match(type_name):
        return f"left({i}::text, {match[1]})::{type_name}"
    # Text that is also a number survives most casts a later migration may ask for.
    return f"{i}::text::{type_name}" if base != "text" else f"{i}::text"


def refusals(seeding: Seeding, limit: int = 5) -> Iterable[str]:
    """Sentences about tables that stayed empty."""
    for name, reason in list(seeding.refused.items())[:limit]:
        yield f"{name} stayed empty: generated rows were refused ({reason})"
