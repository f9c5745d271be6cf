"""The plans of a production database, from its schema and its statistics alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from backend.engines.lab.error import LabError
from backend.engines.lab.index_builder import IndexBuilder, NewIndex, RefusedHeightError
from backend.engines.lab.planning import PlanningSession
from backend.engines.lab.preparation import StatisticsOf, prepare
from backend.engines.lab.queries import placeholders
from backend.engines.lab.turn import Turn
from backend.engines.lab.visibility import Visibility
from knowledge.plan.model import Plan
from knowledge.schema import Schema
from knowledge.statistics import DatabaseStatistics

if TYPE_CHECKING:
    from backend.engines.postgres.host import PostgresHost


_ASKING = "SET TRANSACTION READ ONLY; SAVEPOINT architect_asking"
_BACK = "ROLLBACK TO SAVEPOINT architect_asking"


@dataclass(frozen=True)
class WhatIf:
    """The lab with other indexes, for the length of a ``what_if`` block."""

    indexes: tuple[NewIndex, ...]
    differences: tuple[str, ...]
    """What a real server with these indexes would know better, in words."""
    _planning: PlanningSession = field(repr=False)

    async def explain(self, sql: str) -> Plan:
        """As :meth:`Lab.explain`."""
        async with self._undoing_errors():
            return await self._planning.explain(sql)

    async def cost(self, sql: str) -> tuple[float, frozenset[str]]:
        """As :meth:`Lab.cost`."""
        async with self._undoing_errors():
            return await self._planning.cost(sql)

    @asynccontextmanager
    async def _undoing_errors(self) -> AsyncIterator[None]:
        """After an error the transaction goes on where it stood."""
        try:
            yield
        except LabError:
            await self._planning.session.execute(_BACK)
            raise


class Lab:
    """Plans statements and never executes them. Costs are the planner's units, never milliseconds."""

    def __init__(
        self,
        schema: Schema,
        statistics: DatabaseStatistics,
        differences: Sequence[str],
        builder: IndexBuilder,
    ) -> None:
        self.schema = schema
        """As the catalog has it after the DDL."""
        self.statistics = statistics
        self.differences = tuple(differences)
        """What it cannot reproduce of this schema and these statistics, in words."""
        self.built: tuple[NewIndex, ...] = ()
        """What :meth:`build` created."""
        self._builder = builder
        self._planning = PlanningSession(builder.session)
        self._visibility = Visibility(builder.admin)
        self._turn = Turn()

    async def explain(self, sql: str, *, parameters: int = 0) -> Plan:
        """The plan of one statement; with ``$1`` and the like the plan for any value.

        Args:
            sql: the statement, planned as it stands.
            parameters: how many placeholders it should have; other numbers are refused. 0 for any number.

        Raises:
            LabError: it is not one statement that has a plan, or PostgreSQL refuses it; with the line.
        """
        if parameters and (found := placeholders(sql)) != parameters:
            raise LabError(0, f"the statement has {found} placeholders, not {parameters}")
        async with self._turn.taken():
            return await self._planning.explain(sql)

    async def cost(self, sql: str) -> tuple[float, frozenset[str]]:
        """The total cost of one statement and the names of the indexes its plan uses.

        Raises:
            LabError: as :meth:`explain`.
        """
        async with self._turn.taken():
            return await self._planning.cost(sql)

    @asynccontextmanager
    async def what_if(self, *ddl: str, without: Sequence[str] = ()) -> AsyncIterator[WhatIf]:
        """The lab with more indexes (one CREATE INDEX each) and without those named ``without``.

        Raises:
            LabError: PostgreSQL refuses an index, or there is none of a name in ``without``.
        """
        async with self._turn.taken():
            hidden = await self._visibility.named(without)
            try:
                await self._visibility.show(hidden, visible=False)
                indexes, notes = await self._create(ddl)
                await self._builder.session.execute(_ASKING)
                yield WhatIf(indexes, tuple(notes), self._planning)
            finally:
                await asyncio.shield(self._undo(hidden))

    async def build(self, *ddl: str) -> tuple[NewIndex, ...]:
        """Create indexes that stay: to be told apart by :meth:`only`.

        Raises:
            LabError: PostgreSQL refuses one; then none is created.
        """
        async with self._turn.taken():
            try:
                indexes, notes = await self._create(ddl)
                await self._builder.session.execute("COMMIT")
            except BaseException:
                await asyncio.shield(self._undo([]))
                raise
            self._builder.known.update(oid for index in indexes for oid in index.oids)
            self.built += indexes
            self.differences += tuple(notes)
            return indexes

    async def only(self, names: Collection[str]) -> None:
        """Let the planner see those of the built indexes, and no other built one.

        Raises:
            LabError: no built index has such a name.
        """
        async with self._turn.taken():
            await self._visibility.only({index.name: index.oids for index in self.built}, names)

    async def _create(self, ddl: Sequence[str]) -> tuple[tuple[NewIndex, ...], list[str]]:
        """Open a transaction and create the indexes in it."""
        session = self._builder.session
        await session.execute("BEGIN READ WRITE")
        try:
            return await self._builder.create(ddl)
        except RefusedHeightError as fault:
            await session.execute("ROLLBACK; BEGIN READ WRITE")
            indexes, notes = await self._builder.create(ddl, patch=False)
            return indexes, [*notes, f"the heights of the new indexes could not be shown: {fault}"]

    async def _undo(self, hidden: Sequence[int]) -> None:
        session = self._builder.session
        if not session.is_closed():
            await session.execute("ROLLBACK")
        await self._visibility.show(hidden, visible=True)


@asynccontextmanager
async def open_lab(
    host: PostgresHost,
    schema_sql: str,
    statistics: DatabaseStatistics | StatisticsOf,
    *,
    search_path: str = "",
) -> AsyncIterator[Lab]:
    """A scratch database with the schema of ``schema_sql`` that looks to the planner as full as ``statistics`` say.

    Args:
        host: a server of our own: the lab needs its files.
        schema_sql: the DDL; rows, rights and owners in it are left out.
        statistics: of the production database, or a function that makes them for the schema.
        search_path: of the sessions that plan; empty for PostgreSQL's default.

    Raises:
        LabError: the DDL fails (with its line), or the relations are too large.
        EngineError: the server is an operator's, or does not start.
    """
    async with AsyncExitStack() as stack:
        builder, schema, found, differences = await prepare(stack, host, schema_sql, statistics, search_path)
        yield Lab(schema, found, differences, builder)


__all__ = ["Lab", "LabError", "NewIndex", "StatisticsOf", "WhatIf", "open_lab"]
