"""The relations of a lab's database: where their files are, and what their indexes are made of."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncpg

FIRST_USER_OID = 16384

_TABLES = """
SELECT coalesce(json_agg(json_build_array(c.oid::int8, n.nspname, c.relname, c.relkind,
    coalesce(pg_relation_filepath(c.oid), ''), format('%I.%I', n.nspname, c.relname),
    coalesce((SELECT inhparent::int8 FROM pg_inherits WHERE inhrelid = c.oid LIMIT 1), 0),
    (SELECT json_agg(a.attname) FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped))
  ORDER BY c.oid), '[]')::text
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'm', 'p') AND c.oid >= 16384 AND n.nspname <> 'pg_toast' AND c.relpersistence <> 't'
"""

_INDEXES = """
SELECT coalesce(json_agg(json_build_array(c.oid::int8, n.nspname, c.relname, c.relkind,
    coalesce(pg_relation_filepath(c.oid), ''), format('%I.%I', n.nspname, c.relname),
    i.indrelid::int8, m.amname, i.indisunique, i.indisvalid,
    coalesce(pg_get_expr(i.indpred, i.indrelid), ''),
    coalesce((SELECT regexp_replace(o, '.*=', '')::int FROM unnest(c.reloptions) o WHERE o LIKE 'fillfactor=%'), 0),
    coalesce((SELECT regexp_replace(o, '.*=', '')::int FROM unnest(c.reloptions) o
      WHERE o LIKE 'pages_per_range=%'), 128),
    coalesce((SELECT o IN ('deduplicate_items=off', 'deduplicate_items=false', 'deduplicate_items=0')
      FROM unnest(c.reloptions) o WHERE o LIKE 'deduplicate_items=%'), false),
    (SELECT json_agg(json_build_array(a.attname, a.attlen, a.attalign::text,
        pg_get_indexdef(c.oid, a.attnum, true), a.attnum <= i.indnkeyatts,
        i.indkey[a.attnum - 1] = 0, coalesce(k.opcname, ''),
        format_type(a.atttypid, NULL)) ORDER BY a.attnum)
      FROM pg_attribute a LEFT JOIN pg_opclass k ON a.attnum <= i.indnkeyatts AND k.oid = i.indclass[a.attnum - 1]
      WHERE a.attrelid = c.oid AND a.attnum > 0))
  ORDER BY c.oid), '[]')::text
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_am m ON m.oid = c.relam
WHERE c.oid >= 16384 AND n.nspname <> 'pg_toast' AND c.relpersistence <> 't'
  AND c.oid <> ALL ($1::oid[])
"""

_FORGET = "UPDATE pg_catalog.pg_class SET relpages = relpages WHERE oid = ANY ($1::oid[])"


@dataclass(frozen=True)
class Table:
    """A table, materialised view or partitioned table."""

    oid: int
    schema: str
    name: str
    kind: str
    path: str
    """Of its file, below the data directory; ``""`` for a partitioned table."""
    sql_name: str
    """Qualified and quoted as SQL needs it."""
    parent: int
    """The table it is a partition or child of, 0 for none."""
    columns: frozenset[str]

    @property
    def qualified(self) -> str:
        """``schema.name``, unquoted."""
        return f"{self.schema}.{self.name}"


@dataclass(frozen=True)
class Key:
    """One column of an index."""

    name: str
    """Of the index's own column: a table's column, or a name made for an expression (``lower``)."""
    length: int
    """``attlen``: bytes, -1 where it varies."""
    align: str
    """``attalign``: c, s, i, d (1, 2, 4, 8 bytes)."""
    expression: str
    """As SQL."""
    is_key: bool
    """False for INCLUDE."""
    is_expression: bool
    operator_class: str
    type: str


@dataclass(frozen=True)
class IndexRelation:
    """An index."""

    oid: int
    schema: str
    name: str
    kind: str
    path: str
    sql_name: str
    table: int
    method: str
    unique: bool
    valid: bool
    predicate: str
    fill_factor: int
    """Percent; 0 where the method's default holds."""
    pages_per_range: int
    """BRIN's storage parameter."""
    without_deduplication: bool
    keys: tuple[Key, ...]

    @property
    def qualified(self) -> str:
        """``schema.name``, unquoted."""
        return f"{self.schema}.{self.name}"


async def read_tables(session: asyncpg.Connection) -> tuple[Table, ...]:
    """All tables, in the order of their creation; the session looks with ``search_path = pg_catalog``."""
    rows: list[list[Any]] = json.loads(await session.fetchval(_TABLES))
    return tuple(Table(**_named(Table, row) | {"columns": frozenset(row[-1] or ())}) for row in rows)


async def read_indexes(session: asyncpg.Connection, known: Collection[int] = ()) -> tuple[IndexRelation, ...]:
    """All indexes but the known ones, in the order of their creation."""
    rows: list[list[Any]] = json.loads(await session.fetchval(_INDEXES, list(known)))
    return tuple(IndexRelation(**_named(IndexRelation, row) | {"keys": _keys(row[-1])}) for row in rows)


async def forget_tables(admin: asyncpg.Connection, oids: Collection[int]) -> None:
    """Have every session forget what it knows of these tables before their files are cut.

    PostgreSQL looks for the end of a table from the last segment on that a session has open (mdnblocks).
    """
    await admin.execute(_FORGET, list(oids))


def _keys(rows: list[list[Any]]) -> tuple[Key, ...]:
    return tuple(Key(**_named(Key, row)) for row in rows)


def _named(kind: type[Table | IndexRelation | Key], row: list[Any]) -> dict[str, Any]:
    """The columns of a query, which come in the order of the fields."""
    return dict(zip((each.name for each in fields(kind)), row, strict=True))
