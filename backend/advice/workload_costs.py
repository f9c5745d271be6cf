"""What a workload costs with a set of the indexes built in the lab."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Protocol

from backend.advice.workload_model import Built, WeightedQuery
from backend.advice.workload_plans import KnownPlan, Names, PlanMemory
from backend.advice.workload_writes import Writes

NOTHING: Names = frozenset()


class SwitchBoard(Protocol):
    """A lab whose built indexes can be switched on and off."""

    async def cost(self, sql: str) -> tuple[float, frozenset[str]]:
        """Total cost and the indexes used."""

    async def only(self, names: Collection[str]) -> None:
        """Of the built indexes show these alone."""


class OutOfTimeError(Exception):
    """The search has used up its time."""


class WorkloadCosts:
    """Costs by set of indexes; a query is planned only where no known plan tells.

    Args:
        lab: where the indexes of ``built`` stand.
        queries: the workload.
        tables: for each query the tables it names.
        writes: for each query what it writes.
        deadline: when (by ``clock``) planning ends.
        clock: seconds.
        memory: of plans; replaced in tests.
    """

    def __init__(
        self,
        lab: SwitchBoard,
        queries: Sequence[WeightedQuery],
        tables: Sequence[frozenset[str]],
        writes: Sequence[Writes],
        deadline: float,
        clock: Callable[[], float],
        memory: PlanMemory | None = None,
    ) -> None:
        self.queries = queries
        self.built: dict[str, Built] = {}
        self.what_ifs = 0
        self.deadline = deadline
        self._lab, self._tables, self._writes = lab, tables, writes
        self._clock = clock
        self._memory = memory if memory is not None else PlanMemory()
        self._shown: Names | None = None
        self._useful: dict[int, Names] = {}
        self._touching: dict[int, Names] = {}
        self._totals: dict[Names, float] = {}

    def add(self, built: Mapping[str, Built]) -> None:
        """Take in indexes that were built: all are visible until the next question."""
        self.built.update(built)
        self._shown = None
        self._touching.clear()
        self._totals.clear()

    def set_useful(self, query: int, names: Names) -> None:
        """Say that of all built indexes only these ever came up in plans of the query."""
        self._useful[query] = names
        self._totals.clear()

    def touching(self, query: int) -> Names:
        """The built indexes on tables of the query."""
        known = self._touching.get(query)
        if known is None:
            tables = self._tables[query]
            known = frozenset(name for name, each in self.built.items() if each.candidate.table in tables)
            self._touching[query] = known
        return known

    async def plan(self, query: int, enabled: Names) -> KnownPlan:
        """The query's plan with these indexes.

        Raises:
            OutOfTimeError: it is not known, and time is up.
            LabError: PostgreSQL refuses the query.
        """
        useful = self._useful.get(query)
        offered = enabled & (self.touching(query) if useful is None else useful)
        known = self._memory.find(query, offered)
        if known is None:
            if self._clock() >= self.deadline:
                raise OutOfTimeError
            cost, used = await self.fresh(query, offered)
            known = KnownPlan(offered, cost, used)
            self._memory.add(query, known)
        return known

    async def fresh(self, query: int, enabled: Names) -> tuple[float, Names]:
        """Cost and built indexes used, asked of the planner whatever is known and whatever the time."""
        if self._shown != enabled:
            await self._lab.only(enabled)
            self._shown = enabled
        self.what_ifs += 1
        cost, used = await self._lab.cost(self.queries[query].sql)
        return cost, used & enabled

    def upkeep(self, query: int, enabled: Names) -> float:
        """What the query spends on keeping these indexes up."""
        return self._writes[query].upkeep([self.built[name] for name in sorted(enabled)])

    async def cost(self, query: int, enabled: Names) -> float:
        """Planned cost and upkeep together.

        Raises:
            OutOfTimeError: time is up.
        """
        return (await self.plan(query, enabled)).cost + self.upkeep(query, enabled)

    async def total(self, enabled: Names) -> float:
        """Weighted cost of the whole workload.

        Raises:
            OutOfTimeError: time is up.
        """
        known = self._totals.get(enabled)
        if known is None:
            costs = [await self.cost(number, enabled) for number in range(len(self.queries))]
            known = sum(query.weight * cost for query, cost in zip(self.queries, costs, strict=True))
            self._totals[enabled] = known
        return known

    def bytes(self, enabled: Names) -> int:
        """Size of these indexes."""
        return sum(self.built[name].bytes for name in enabled)
