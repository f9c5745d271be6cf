"""What the rows of a database hold, column by column, so that a loss can be named."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.rehearsal.outcome import Loss
from knowledge.identifiers import qualified, quoted
from knowledge.schema import Relation, Schema

if TYPE_CHECKING:
    import asyncpg

Contents = dict[str, tuple[int, str]]
"""``schema.table.column`` to the number of values in it and a digest of them all."""

SECONDS = 10.0
MOST_ROWS = 10_000
"""Tables with more rows are left out: the rehearsal seeds a few, only a migration's own data can be that long."""


async def contents(connection: asyncpg.Connection, schema: Schema) -> Contents:
    """Count and digest the values of every column.

    Args:
        connection: a guest's session: casts and views of the project run with its rights.
        schema: the present catalog.
    """
    import asyncpg

    found: Contents = {}
    for table in schema.tables:
        if table.partition_of or not table.columns:
            continue
        try:
            found.update(await _of_table(connection, table))
        except (asyncpg.PostgresError, TimeoutError):
            continue  # not readable by its own guest: nothing can be said about it
    return found


async def _of_table(connection: asyncpg.Connection, table: Relation) -> Contents:
    names = [quoted(column.name) for column in table.columns]
    parts = ", ".join(f"count({name}), md5(string_agg({name}::text, ',' ORDER BY {name}::text))" for name in names)
    source = f"(SELECT * FROM {qualified(table.schema, table.name)} LIMIT {MOST_ROWS}) AS source"
    row = await connection.fetchrow(f"SELECT {parts} FROM {source}", timeout=SECONDS)
    return {
        f"{table.qualified}.{column.name}": (row[2 * place], row[2 * place + 1] or "")
        for place, column in enumerate(table.columns)
    }


def losses(before: Contents, after: Contents, tables: frozenset[str]) -> tuple[Loss, ...]:
    """Columns of ``tables`` (``schema.table``) that hold fewer values than before, or other ones."""
    lost = []
    for name, (count, digest) in before.items():
        if not count or name.rpartition(".")[0] not in tables:
            continue
        now, now_digest = after.get(name, (0, ""))
        if now < count or now_digest != digest:
            lost.append(Loss(name, count - now if now < count else count))
    return tuple(lost)
