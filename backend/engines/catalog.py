"""The schema a PostgreSQL database has, read from its catalogs in one round trip (PostgreSQL 14 to 18)."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from backend.engines.search_path import seen_with
from knowledge.schema import Column, Constraint, Index, Relation, Schema

if TYPE_CHECKING:
    import asyncpg

Part = TypeVar("Part")
_CONSTRAINT_KINDS = {
    "p": "primary",
    "u": "unique",
    "f": "foreign",
    "c": "check",
    "x": "exclude",
    "n": "not_null",
}
_GENERATED = {"s": "stored", "v": "virtual"}
_IDENTITY = {"a": "always", "d": "by default"}

CATALOG = """
WITH spaces AS MATERIALIZED (
  SELECT oid, nspname FROM pg_catalog.pg_namespace
  WHERE nspname <> 'information_schema' AND pg_catalog.left(nspname, 3) <> 'pg_'
), members AS MATERIALIZED (
  SELECT classid, objid FROM pg_catalog.pg_depend WHERE deptype = 'e'
), relations AS MATERIALIZED (
  SELECT c.oid, c.relname, c.relkind, c.relpersistence, c.relispartition, s.nspname
  FROM pg_catalog.pg_class c JOIN spaces s ON s.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'v', 'm')
    AND (SELECT count(*) = 0 FROM members m WHERE m.classid = 'pg_catalog.pg_class'::regclass AND m.objid = c.oid)
), tables AS MATERIALIZED (
  SELECT * FROM relations WHERE relkind IN ('r', 'p')
)
SELECT pg_catalog.json_build_object(
'tables', (SELECT pg_catalog.json_agg(pg_catalog.json_build_array(
    t.oid::int8, t.nspname, t.relname, t.relkind = 'p', t.relpersistence = 'u',
    coalesce((SELECT n.nspname || '.' || p.relname
      FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class p ON p.oid = i.inhparent
      JOIN pg_catalog.pg_namespace n ON n.oid = p.relnamespace
      WHERE t.relispartition AND i.inhrelid = t.oid LIMIT 1), '')) ORDER BY t.oid)
  FROM tables t),
'columns', (SELECT pg_catalog.json_agg(pg_catalog.json_build_array(
    a.attrelid::int8, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), NOT a.attnotnull,
    CASE WHEN a.attgenerated = '' THEN coalesce(pg_catalog.pg_get_expr(d.adbin, d.adrelid), '') ELSE '' END,
    a.attgenerated, a.attidentity, coalesce(o.name, ''), a.attnum) ORDER BY a.attrelid, a.attnum)
  FROM tables t JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
  LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  LEFT JOIN (SELECT p.refobjid, p.refobjsubid, pg_catalog.min(n.nspname || '.' || q.relname) AS name
    FROM pg_catalog.pg_class q JOIN pg_catalog.pg_namespace n ON n.oid = q.relnamespace
    JOIN pg_catalog.pg_depend p ON p.objid = q.oid AND p.classid = 'pg_catalog.pg_class'::regclass
      AND p.refclassid = 'pg_catalog.pg_class'::regclass AND p.deptype IN ('a', 'i') AND p.refobjsubid > 0
    WHERE q.relkind = 'S' GROUP BY 1, 2) o ON o.refobjid = a.attrelid AND o.refobjsubid = a.attnum),
'constraints', (SELECT pg_catalog.json_agg(pg_catalog.json_build_array(
    k.conrelid::int8, k.conname, k.contype, k.conkey,
    pg_catalog.pg_get_constraintdef(k.oid), k.convalidated, coalesce(fn.nspname || '.' || fc.relname, ''),
    k.confrelid::int8, k.confkey) ORDER BY k.conrelid, k.contype = 'n', k.oid)
  FROM tables t JOIN pg_catalog.pg_constraint k ON k.conrelid = t.oid AND k.contype IN ('p','u','f','c','x','n')
  LEFT JOIN pg_catalog.pg_class fc ON fc.oid = k.confrelid
  LEFT JOIN pg_catalog.pg_namespace fn ON fn.oid = fc.relnamespace),
'indexes', (SELECT pg_catalog.json_agg(pg_catalog.json_build_array(
    i.indrelid::int8, c.relname, m.amname,
    i.indkey::int2[],
    i.indnkeyatts, pg_catalog.pg_get_indexdef(i.indexrelid), i.indisunique, i.indisprimary,
    i.indisvalid AND i.indisready, coalesce(pg_catalog.pg_get_expr(i.indpred, i.indrelid), ''),
    coalesce(k.conname, '')) ORDER BY i.indrelid, i.indexrelid)
  FROM tables t JOIN pg_catalog.pg_index i ON i.indrelid = t.oid
  JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid JOIN pg_catalog.pg_am m ON m.oid = c.relam
  LEFT JOIN pg_catalog.pg_constraint k ON k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x')),
'enums', (SELECT pg_catalog.json_agg(pg_catalog.json_build_array(e.nspname, e.typname, e.labels) ORDER BY e.oid)
  FROM (SELECT y.oid, s.nspname, y.typname,
      pg_catalog.json_agg(l.enumlabel ORDER BY l.enumsortorder) AS labels
    FROM pg_catalog.pg_type y JOIN spaces s ON s.oid = y.typnamespace
    JOIN pg_catalog.pg_enum l ON l.enumtypid = y.oid
    WHERE (SELECT count(*) = 0 FROM members m
      WHERE m.classid = 'pg_catalog.pg_type'::regclass AND m.objid = y.oid)
    GROUP BY 1, 2, 3) e),
'views', (SELECT pg_catalog.json_agg(v.nspname || '.' || v.relname ORDER BY v.oid)
  FROM relations v WHERE v.relkind IN ('v', 'm'))
)::text
"""


async def read_schema(connection: asyncpg.Connection) -> Schema:
    """The user's schemas of a database: no system schemas, nothing that belongs to an extension.

    Types and expressions are spelt as seen with ``search_path = public``; the session's own
    ``search_path`` is the same afterwards. Works inside and outside a transaction.

    An enum of schema ``public`` goes by its bare name, as columns spell it; others as ``schema.name``.
    A generated column's expression is part of no default. An index that is not ready or not valid is
    ``valid=False``, a column whose NOT NULL was never validated ``nullable=True``.

    Raises:
        asyncpg.PostgresError: the session is in a failed transaction, or the role may not read catalogs.
    """
    async with seen_with(connection, "public"):
        found: dict[str, list[Any]] = json.loads(await connection.fetchval(CATALOG))
    return _schema(found)


Numbers = dict[tuple[int, int], str]
"""Column names by table and attribute number; an index expression has number 0 and no name."""


def _schema(found: dict[str, list[Any]]) -> Schema:
    names: Numbers = {(row[0], row[-1]): row[1] for row in found["columns"] or ()}
    columns = _by_table(found["columns"], _column)
    constraints = _by_table(found["constraints"], partial(_constraint, names))
    indexes = _by_table(found["indexes"], partial(_index, names))
    return Schema(
        tables=tuple(
            Relation(
                schema=schema,
                name=name,
                columns=_with_unproven(columns[oid], constraints[oid]),
                constraints=tuple(constraints[oid]),
                indexes=tuple(indexes[oid]),
                partitioned=partitioned,
                partition_of=parent,
                unlogged=unlogged,
            )
            for oid, schema, name, partitioned, unlogged, parent in found["tables"] or ()
        ),
        enums={
            name if schema == "public" else f"{schema}.{name}": tuple(labels)
            for schema, name, labels in found["enums"] or ()
        },
        views=tuple(found["views"] or ()),
    )


def _by_table(rows: list[Any] | None, make: Callable[..., Part]) -> dict[int, list[Part]]:
    tables: dict[int, list[Part]] = defaultdict(list)
    for row in rows or ():
        tables[row[0]].append(make(*row))
    return tables


def _with_unproven(columns: list[Column], constraints: list[Constraint]) -> tuple[Column, ...]:
    """A NOT NULL that was never validated leaves a column that may hold NULL (PostgreSQL 18)."""
    unproven = {
        name
        for constraint in constraints
        if constraint.kind == "not_null" and not constraint.validated
        for name in constraint.columns
    }
    return tuple(replace(column, nullable=True) if column.name in unproven else column for column in columns)


def _column(
    _table: int,
    name: str,
    kind: str,
    nullable: bool,
    default: str,
    generated: str,
    identity: str,
    sequence: str,
    _number: int,
) -> Column:
    return Column(
        name=name,
        type=kind,
        nullable=nullable,
        default=default,
        generated=_GENERATED.get(generated, ""),
        identity=_IDENTITY.get(identity, ""),
        sequence=sequence,
    )


def _constraint(
    names: Numbers,
    table: int,
    name: str,
    kind: str,
    columns: list[int] | None,
    definition: str,
    validated: bool,
    target: str,
    target_table: int,
    target_columns: list[int] | None,
) -> Constraint:
    return Constraint(
        name=name,
        kind=_CONSTRAINT_KINDS[kind],
        columns=tuple(names.get((table, number), "") for number in columns or ()),
        definition=definition,
        validated=validated,
        target=target,
        target_columns=tuple(names.get((target_table, number), "") for number in target_columns or ()),
    )


def _index(
    names: Numbers,
    table: int,
    name: str,
    method: str,
    numbers: list[int],
    key_count: int,
    definition: str,
    unique: bool,
    primary: bool,
    valid: bool,
    predicate: str,
    constraint: str,
) -> Index:
    keys = tuple(names.get((table, number), "") for number in numbers)
    return Index(
        name=name,
        method=method,
        columns=keys[:key_count],
        definition=definition,
        unique=unique,
        primary=primary,
        valid=valid,
        partial=predicate,
        included=keys[key_count:],
        constraint=constraint,
    )
