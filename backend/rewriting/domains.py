"""Columns of a domain, seen as what they are: a type with checks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from backend.engines.search_path import seen_with
from backend.rewriting.checks import condition_of
from knowledge.schema import Column, Constraint, Relation, Schema

if TYPE_CHECKING:
    import asyncpg

DOMAINS = """
WITH RECURSIVE steps AS (
  SELECT t.oid AS domain, t.oid AS step, t.typbasetype, t.typtypmod, t.typnotnull
  FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
  WHERE t.typtype = 'd' AND n.nspname <> 'information_schema' AND pg_catalog.left(n.nspname, 3) <> 'pg_'
UNION ALL
  SELECT s.domain, t.oid, t.typbasetype, t.typtypmod, t.typnotnull
  FROM steps s JOIN pg_catalog.pg_type t ON t.oid = s.typbasetype AND t.typtype = 'd'
)
SELECT pg_catalog.format_type(s.domain, NULL),
  pg_catalog.min(pg_catalog.format_type(s.typbasetype, s.typtypmod)) FILTER (WHERE b.typtype <> 'd'),
  pg_catalog.bool_or(s.typnotnull),
  ARRAY(SELECT pg_catalog.pg_get_constraintdef(k.oid) FROM pg_catalog.pg_constraint k
    WHERE k.contypid = ANY (pg_catalog.array_agg(s.step)) AND k.contype = 'c' ORDER BY k.oid)
FROM steps s JOIN pg_catalog.pg_type b ON b.oid = s.typbasetype
GROUP BY s.domain
"""


@dataclass(frozen=True)
class _Domain:
    base: str
    not_null: bool
    checks: tuple[str, ...]


async def without_domains(connection: asyncpg.Connection, schema: Schema) -> Schema:
    """The schema with the domains' types and checks in the tables that use them: for making rows, not for DDL."""
    async with seen_with(connection, "public"):
        found = await connection.fetch(DOMAINS)
    domains = {name: _Domain(base, not_null, tuple(checks)) for name, base, not_null, checks in found}
    if not domains:
        return schema
    return replace(schema, tables=tuple(_plain(table, domains) for table in schema.tables))


def _plain(table: Relation, domains: dict[str, _Domain]) -> Relation:
    checks = tuple(
        Constraint("", "check", (column.name,), f"CHECK ({condition})")
        for column in table.columns
        if column.type in domains
        for check in domains[column.type].checks
        if (condition := condition_of(check, column.name))
    )
    columns = tuple(_based(column, domains) for column in table.columns)
    return replace(table, columns=columns, constraints=(*table.constraints, *checks))


def _based(column: Column, domains: dict[str, _Domain]) -> Column:
    if (domain := domains.get(column.type)) is None:
        return column
    return replace(column, type=domain.base, nullable=column.nullable and not domain.not_null)
