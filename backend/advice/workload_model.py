"""A workload, and what was found out about indexes for it. Costs are the planner's units, never milliseconds."""

from __future__ import annotations

from dataclasses import dataclass

from knowledge.advice.index import Candidate


@dataclass(frozen=True)
class WeightedQuery:
    """A statement and how much it counts: calls in a period, or 1 for each."""

    sql: str
    weight: float = 1.0
    name: str = ""


@dataclass(frozen=True)
class Built:
    """A candidate that stands in the lab."""

    candidate: Candidate
    bytes: int
    height: int


@dataclass(frozen=True)
class QueryCost:
    """One query before and after. ``upkeep`` is what it spends on keeping new indexes up, part of ``after``."""

    query: WeightedQuery
    before: float
    after: float
    upkeep: float
    used: frozenset[str]
    """Names of the recommended indexes in its plan."""


@dataclass(frozen=True)
class WorkloadIndex:
    """A recommended index and the positions of the queries whose plans use it."""

    candidate: Candidate
    bytes: int
    queries: tuple[int, ...]

    @property
    def ddl(self) -> str:
        """For a database in use: CREATE INDEX CONCURRENTLY."""
        return self.candidate.online_ddl


@dataclass(frozen=True)
class WorkloadAdvice:
    """The indexes found within the budget."""

    indexes: tuple[WorkloadIndex, ...]
    queries: tuple[QueryCost, ...]
    candidates: int
    """Indexes tried."""
    what_ifs: int
    """Times a query was planned with other indexes."""
    seconds: float
    complete: bool
    """Whether the search ended by itself; else the clock ended it."""
    notes: tuple[str, ...] = ()
    """What limits the advice, in words."""

    @property
    def bytes(self) -> int:
        """Size of all recommended indexes."""
        return sum(index.bytes for index in self.indexes)

    @property
    def before(self) -> float:
        """Weighted cost of all queries without the recommended indexes."""
        return sum(each.query.weight * each.before for each in self.queries)

    @property
    def after(self) -> float:
        """The same with them."""
        return sum(each.query.weight * each.after for each in self.queries)

    @property
    def relative(self) -> float:
        """``after`` as a share of ``before``; 1 where nothing costs anything."""
        return self.after / self.before if self.before else 1.0
