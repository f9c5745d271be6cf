"""What the rows of a database hold, column by column, so that a loss can be named."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from backend.rehearsal.outcome import Loss
from knowledge.identifiers import qualified, quoted
from knowledge.schema import Relation, Schema

if TYPE_CHECKING:
    import asyncpg

Contents = dict[str, tuple[int, str]]
"""``schema.table.column`` to the number of values in it and a digest of them all."""

SECONDS = 10.0
AT_ONCE = 40
"""Tables that one query reads."""
MOST_ROWS = 10_000
"""Tables with more rows are left out: the rehearsal seeds a few, only a migration's own data can be that long."""


async def contents(connection: asyncpg.Connection, schema: Schema) -> Contents:
    """Count and digest the values of every column.

    Args:
        connection: a guest's session: casts and views of the project run with its rights.
        schema: the present catalog.
    """
    found: Contents = {}
    tables = [table for table in schema.tables if not table.partition_of and table.columns]
    for start in range(0, len(tables), AT_ONCE):
        found.update(await _of_tables(connection, tables[start : start + AT_ONCE]))
    return found


async def _of_tables(connection: asyncpg.Connection, tables: Sequence[Relation]) -> Contents:
    """All in one query; a table that cannot be read by its own guest is found by halving, and left out."""
    import asyncpg

    try:
        rows = await connection.fetch(" UNION ALL ".join(map(_query, range(len(tables)), tables)), timeout=SECONDS)
    except (asyncpg.PostgresError, TimeoutError):
        if len(tables) == 1:
            return {}
        half = len(tables) // 2
        return await _of_tables(connection, tables[:half]) | await _of_tables(connection, tables[half:])
    found: Contents = {}
    for place, counts, digests in rows:
        for column, count, digest in zip(tables[place].columns, counts, digests, strict=True):
            found[f"{tables[place].qualified}.{column.name}"] = (count, digest or "")
    return found


def _query(place: int, table: Relation) -> str:
    names = [quoted(column.name) for column in table.columns]
    counts = ", ".join(f"count({name})" for name in names)
    digests = ", ".join(f"md5(string_agg({name}::text, ',' ORDER BY {name}::text))" for name in names)
    source = f"(SELECT * FROM {qualified(table.schema, table.name)} LIMIT {MOST_ROWS}) AS source"
    return f"SELECT {place}, ARRAY[{counts}], ARRAY[{digests}] FROM {source}"


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
