"""A few rows in every table, so that migrations meet data.

Rows are made by the type of each column, distinct in every column, and point only at rows that exist. They are
inserted by the guest, whose SQL made the tables: whatever code of the project runs meanwhile (defaults, checks)
runs without privileges. A table whose checks refuse them stays empty, and the rehearsal says so.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from backend.rehearsal.values import value
from knowledge.identifiers import qualified, quoted
from knowledge.schema import Relation, Schema

if TYPE_CHECKING:
    import asyncpg

SECONDS = 5.0
"""Limit of one statement: a default that sleeps must not hold up the rehearsal."""

TRIGGERS = """
SELECT pg_catalog.quote_ident(tgname) FROM pg_catalog.pg_trigger
WHERE tgrelid = pg_catalog.to_regclass($1) AND NOT tgisinternal AND tgenabled = 'O'
"""


@dataclass
class Seeding:
    """Tables that got rows from us, with the columns that were given values, and those that refused them, with
    their columns then and the reason."""

    filled: dict[str, set[str]] = field(default_factory=dict)
    refused: dict[str, tuple[tuple[str, ...], str]] = field(default_factory=dict)


async def seed(connection: asyncpg.Connection, schema: Schema, seeding: Seeding, rows: int) -> None:
    """Put ``rows`` rows into every empty table, and values into new columns of rows that are ours.

    Args:
        connection: a guest's session on the scratch database.
        schema: the present catalog.
        seeding: what was done before; brought up to date.
        rows: how many rows a table gets.
    """
    if rows <= 0:
        return
    having = await _having_rows(connection, [table for table in schema.tables if not table.partition_of])
    for table in parents_first(schema):
        if table.partition_of:
            continue
        shape = tuple(column.name for column in table.columns)
        if table.qualified in seeding.refused and seeding.refused[table.qualified][0] == shape:
            continue
        if table.qualified not in having:
            await _fill_table(connection, table, schema, seeding, rows)
        elif table.qualified in seeding.filled:
            await _fill_columns(connection, table, schema, seeding.filled[table.qualified])


async def remove(connection: asyncpg.Connection, schema: Schema, seeding: Seeding) -> None:
    """Take the seeded rows away again; rows that a migration itself inserted into other tables stay."""
    import asyncpg

    for table in reversed(parents_first(schema)):
        if table.qualified in seeding.filled:
            try:
                async with _bare(connection, table):
                    await connection.execute(f"DELETE FROM {qualified(table.schema, table.name)}", timeout=SECONDS)
            except (asyncpg.PostgresError, TimeoutError):
                continue  # rows of the project point at it
    seeding.filled.clear()


def parents_first(schema: Schema) -> list[Relation]:
    """Tables in an order in which foreign keys point back; cycles are cut anywhere."""
    done: dict[str, Relation] = {}
    visiting: set[str] = set()
    for table in schema.tables:
        trail = [table]
        while trail:
            top = trail[-1]
            visiting.add(top.qualified)
            parents = (schema.by_name.get(key.target) for key in top.constraints_of("foreign"))
            waiting = next((parent for parent in parents if parent and parent.qualified not in visiting), None)
            if waiting is not None:
                trail.append(waiting)
            else:
                done[top.qualified] = top
                trail.pop()
    return list(done.values())


@asynccontextmanager
async def _bare(connection: asyncpg.Connection, table: Relation) -> AsyncIterator[None]:
    """A transaction in which the table's own triggers are off; foreign keys stay on."""
    name = qualified(table.schema, table.name)
    async with connection.transaction():
        triggers = [row[0] for row in await connection.fetch(TRIGGERS, name)]
        for trigger in triggers:
            await connection.execute(f"ALTER TABLE {name} DISABLE TRIGGER {trigger}")
        yield
        await connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for trigger in triggers:
            await connection.execute(f"ALTER TABLE {name} ENABLE TRIGGER {trigger}")


async def _having_rows(connection: asyncpg.Connection, tables: Sequence[Relation]) -> set[str]:
    """Names of the tables with a row in them, and of those that are not ours to read: all asked at once."""
    import asyncpg

    if not tables:
        return set()
    parts = [
        f"SELECT {place} WHERE EXISTS (SELECT FROM {qualified(table.schema, table.name)})"
        for place, table in enumerate(tables)
    ]
    try:
        rows = await connection.fetch(" UNION ALL ".join(parts), timeout=SECONDS)
        return {tables[row[0]].qualified for row in rows}
    except (asyncpg.PostgresError, TimeoutError):
        if len(tables) == 1:
            return {tables[0].qualified}
        half = len(tables) // 2
        return await _having_rows(connection, tables[:half]) | await _having_rows(connection, tables[half:])


async def _fill_table(
    connection: asyncpg.Connection, table: Relation, schema: Schema, seeding: Seeding, rows: int
) -> None:
    """Insert the rows; where that many are refused (a unique boolean, say), try one."""
    reason = await _insert(connection, table, schema, rows)
    if reason and rows > 1 and not await _insert(connection, table, schema, 1):
        reason = ""
    if reason:
        seeding.refused[table.qualified] = (tuple(column.name for column in table.columns), reason)
    else:
        seeding.refused.pop(table.qualified, None)
        seeding.filled[table.qualified] = {column.name for column in table.columns}


async def _insert(connection: asyncpg.Connection, table: Relation, schema: Schema, rows: int) -> str:
    """Insert ``rows`` rows; the reason if they were refused."""
    import asyncpg

    columns = [column for column in table.columns if not column.generated and column.identity != "always"]
    name = qualified(table.schema, table.name)
    values = ", ".join(value(column, table, schema, "i") for column in columns)
    names = f" ({', '.join(quoted(column.name) for column in columns)})" if columns else ""
    numbers = f" FROM pg_catalog.generate_series(1, {int(rows)}) AS i"
    into = f"INSERT INTO {name}{names} SELECT {values}{numbers}" if columns else f"INSERT INTO {name} DEFAULT VALUES"
    try:
        async with _bare(connection, table):
            await connection.execute(into, timeout=SECONDS)
            for column in columns:
                if column.sequence:
                    # Past our keys, so that the project's own inserts do not collide with them.
                    await connection.execute("SELECT pg_catalog.setval($1::text::regclass, $2)", column.sequence, rows)
    except (asyncpg.PostgresError, TimeoutError) as error:
        return (str(error) or "it took too long").splitlines()[0]
    return ""


async def _fill_columns(connection: asyncpg.Connection, table: Relation, schema: Schema, known: set[str]) -> None:
    """Give columns that are new, and NULL in every row, a value: only then can losing them be seen."""
    import asyncpg

    name = qualified(table.schema, table.name)
    numbered = f"(SELECT ctid AS place, row_number() OVER (ORDER BY ctid) AS i FROM {name}) AS numbered"
    present = {column.name for column in table.columns}
    new = present - known
    known &= present  # one that was dropped and comes again is new
    known |= new
    for column in table.columns:
        if column.name not in new or not column.nullable or column.generated or column.identity:
            continue
        where = f"NOT EXISTS (SELECT FROM {name} WHERE {quoted(column.name)} IS NOT NULL)"
        sql = (
            f"UPDATE {name} AS t SET {quoted(column.name)} = {value(column, table, schema, 'numbered.i')}"
            f" FROM {numbered} WHERE t.ctid = numbered.place AND {where}"
        )
        try:
            async with _bare(connection, table):
                await connection.execute(sql, timeout=SECONDS)
        except (asyncpg.PostgresError, TimeoutError):
            continue  # a check refuses the value: the column stays NULL, which is a valid row too


def refusals(seeding: Seeding, limit: int = 5) -> Iterable[str]:
    """Sentences about tables that stayed empty."""
    for name, (_, reason) in list(seeding.refused.items())[:limit]:
        yield f"{name} stayed empty: generated rows were refused ({reason})"
