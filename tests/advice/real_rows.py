"""The laboratory of advice over real rows: every index is built by PostgreSQL itself, then rolled back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backend.engines.lab.error import LabError
from knowledge.formats.explain import read
from knowledge.plan.model import Plan
from knowledge.schema import Schema
from knowledge.statistics import DatabaseStatistics

if TYPE_CHECKING:
    import asyncpg


@dataclass(frozen=True)
class RealIndex:
    name: str
    bytes: int
    height: int


@dataclass(frozen=True)
class RealTrial:
    indexes: tuple[RealIndex, ...]
    session: asyncpg.Connection

    async def explain(self, sql: str) -> Plan:
        generic = ", GENERIC_PLAN" if "$1" in sql else ""
        return read(await self.session.fetchval(f"EXPLAIN (FORMAT JSON, VERBOSE{generic}) {sql}"))

    async def cost(self, sql: str) -> tuple[float, frozenset[str]]:
        plan = await self.explain(sql)
        return plan.root.number_of("Total Cost"), frozenset(node.index for node in plan.nodes if node.index)


@dataclass(frozen=True)
class RealRows:
    session: asyncpg.Connection
    schema: Schema
    statistics: DatabaseStatistics

    async def explain(self, sql: str) -> Plan:
        return await RealTrial((), self.session).explain(sql)

    @asynccontextmanager
    async def what_if(self, *ddl: str, without: Sequence[str] = ()) -> AsyncIterator[RealTrial]:
        import asyncpg

        await self.session.execute("BEGIN")
        try:
            before = await self._indexes()
            try:
                for statement in ddl:
                    await self.session.execute(statement)
                for name in without:
                    await self.session.execute(f'DROP INDEX "{name}"')
            except asyncpg.PostgresError as error:
                raise LabError(0, str(error)) from error
            new = [index for index in await self._indexes() if index not in before]
            yield RealTrial(tuple(new), self.session)
        finally:
            await self.session.execute("ROLLBACK")

    async def _indexes(self) -> list[RealIndex]:
        found = await self.session.fetch("SELECT relname, pg_relation_size(oid) FROM pg_class WHERE relkind = 'i'")
        return [RealIndex(name, size, 1) for name, size in found]
