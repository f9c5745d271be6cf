"""What the rows of a database hold, column by column, so that a loss can be named."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.rehearsal.outcome import Loss
from knowledge.identifiers import qualified, quoted
from knowledge.schema import Schema

if TYPE_CHECKING:
    import asyncpg

Contents = dict[str, tuple[int, str]]
"""``schema.table.column`` to the number of values in it and a digest of them all."""


async def contents(connection: asyncpg.Connection, schema: Schema) -> Contents:
    """Count and digest the values of every column."""
    found: Contents = {}
    for table in schema.tables:
        if table.partition_of or not table.columns:
            continue
        parts = ", ".join(
            f"count({quoted(column.name)}), md5(string_agg({quoted(column.name)}::text, ',' ORDER BY"
            f" {quoted(column.name)}::text))"
            for column in table.columns
        )
        row = await connection.fetchrow(f"SELECT {parts} FROM {qualified(table.schema, table.name)}")
        for place, column in enumerate(table.columns):
            found[f"{table.qualified}.{column.name}"] = (row[2 * place], row[2 * place + 1] or "")
    return found


def losses(before: Contents, after: Contents) -> tuple[Loss, ...]:
    """Columns that hold fewer values than before, or other ones."""
    lost = []
    for name, (count, digest) in before.items():
        now, now_digest = after.get(name, (0, ""))
        if count and (now < count or now_digest != digest):
            lost.append(Loss(name, count - now if now < count else count))
    return tuple(lost)
