"""Rewrites of a query that are worth saying: equal on generated data, and better in the lab."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backend.engines.lab.clone import create_schema
from backend.engines.lab.error import LabError
from backend.rewriting.domains import without_domains
from backend.rewriting.equality import Equality, compare
from backend.rewriting.sqlite_equality import agrees_on_sqlite
from knowledge.query_rewrites import query_rewrites
from knowledge.query_rewrites.rewrite import QueryRewrite, Rewrite
from knowledge.schema import Schema

if TYPE_CHECKING:
    import asyncpg

    from backend.engines.lab.lab import Lab
    from backend.engines.postgres.host import PostgresHost

BETTER = 0.95
"""Of the cost before, at most: less is within what the planner's units can tell."""


@dataclass(frozen=True)
class ProvenRewrite:
    """A rewrite with its proof. Costs are the planner's units."""

    id: str
    sql: str
    explanation: str
    index: str
    """DDL of an index that belongs to it: the costs are those with it. ``""`` where it needs none."""
    cost_before: float
    cost_after: float
    indexes: tuple[str, ...]
    """What the new plan uses."""
    databases: int
    """Generated databases on which the results were equal."""
    with_rows: int
    engines: tuple[str, ...]

    @property
    def proof(self) -> str:
        """The proof in one sentence."""
        where = " and ".join(self.engines)
        return (
            f"same rows in {self.databases} generated databases ({self.with_rows} of them with matches, NULLs, "
            f"duplicates and empty tables among them) on {where}; "
            f"planner's cost {self.cost_before:g} -> {self.cost_after:g}"
        )


@dataclass(frozen=True)
class RefutedRewrite:
    """A rewrite that was tried and is not proposed, with the reason."""

    id: str
    sql: str
    reason: str
    counterexample: str = ""


async def proven_rewrites(
    host: PostgresHost, lab: Lab, sql: str, schema_sql: str, schema: Schema
) -> list[ProvenRewrite]:
    """The rewrites of ``sql`` that may be proposed, the best first.

    Args:
        host: where the scratch database for the comparison is made.
        lab: what plans at production scale.
        sql: the query.
        schema_sql: DDL of its tables, run by the guest.
        schema: the same as the catalog has it.

    Raises:
        LabError: the DDL fails, with its line.
    """
    tried = await tried_rewrites(host, lab, sql, schema_sql, schema)
    return [found for found in tried if isinstance(found, ProvenRewrite)]


async def tried_rewrites(
    host: PostgresHost, lab: Lab, sql: str, schema_sql: str, schema: Schema
) -> list[ProvenRewrite | RefutedRewrite]:
    """The same with those that failed, after the proven ones."""
    ideas = [(record, rewrite) for record in query_rewrites() for rewrite in record.propose(sql, schema)]
    if not ideas:
        return []
    async with _prepared(host, schema_sql) as connection:
        plain = await without_domains(connection, schema)
        tried = [await _try(connection, lab, plain, sql, record, rewrite) for record, rewrite in ideas]
    proven = [found for found in tried if isinstance(found, ProvenRewrite)]
    refuted = [found for found in tried if isinstance(found, RefutedRewrite)]
    return [*sorted(proven, key=lambda found: found.cost_after), *refuted]


@asynccontextmanager
async def _prepared(host: PostgresHost, schema_sql: str) -> AsyncIterator[asyncpg.Connection]:
    """A guest's session on a scratch database with the tables and nothing in them."""
    async with host.scratch() as scratch:
        await create_schema(scratch, schema_sql)
        connection = await scratch.connect()
        try:
            yield connection
        finally:
            await connection.close()


async def _try(
    connection: asyncpg.Connection, lab: Lab, schema: Schema, sql: str, record: QueryRewrite, rewrite: Rewrite
) -> ProvenRewrite | RefutedRewrite:
    equality = await compare(connection, schema, sql, rewrite)
    if not equality.equal:
        reason = equality.reason or "the results differ"
        return RefutedRewrite(record.id, rewrite.sql, reason, equality.counterexample)
    engines = ["PostgreSQL"]
    if await agrees_on_sqlite(schema, sql, rewrite):
        engines.append("SQLite")
    try:
        return await _costed(lab, sql, record.id, rewrite, equality, tuple(engines))
    except LabError as error:
        return RefutedRewrite(record.id, rewrite.sql, f"the lab cannot plan it: {error}")


async def _costed(
    lab: Lab, sql: str, record_id: str, rewrite: Rewrite, equality: Equality, engines: tuple[str, ...]
) -> ProvenRewrite | RefutedRewrite:
    """Without an index where that is enough, else with the one that belongs to it."""
    before, _ = await lab.cost(sql)
    planned = rewrite.paging.planned if rewrite.paging else rewrite.sql
    after, used = await lab.cost(planned)
    index = ""
    if after > before * BETTER and rewrite.needs_index:
        async with lab.what_if(rewrite.needs_index) as changed:
            old, _ = await changed.cost(sql)
            after, used = await changed.cost(planned)
            before = min(before, old)
        index = rewrite.needs_index
    if after > before * BETTER:
        return RefutedRewrite(record_id, rewrite.sql, f"its plan is no better: cost {before:g} -> {after:g}")
    return ProvenRewrite(
        record_id,
        rewrite.sql,
        rewrite.explanation,
        index,
        before,
        after,
        tuple(sorted(used)),
        equality.databases,
        equality.with_rows,
        engines,
    )
