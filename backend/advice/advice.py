"""Advice for one query, as plain data."""

from __future__ import annotations

from dataclasses import dataclass

from knowledge.advice.index import Candidate
from knowledge.advice.write_cost import WriteCost
from knowledge.plan.model import Plan
from knowledge.report import Step


@dataclass(frozen=True)
class Replaced:
    """An index that the new one could stand in for."""

    name: str
    table: str
    droppable: bool
    why: str
    """In words: what was checked, or what it is still needed for."""


@dataclass(frozen=True)
class Recommendation:
    """An index that was built, used by the plan, and worth its place. Costs are the planner's units."""

    candidate: Candidate
    steps: tuple[Step, ...]
    """What to run on the production database."""
    bytes: int
    cost_without: float
    """Of the query with all other recommendations but this one."""
    cost_with: float
    """Of the query with all recommendations."""
    write: WriteCost
    upkeep: float = 0.0
    """Of ``cost_with``: what the query itself spends on keeping the index up."""
    replaced: tuple[Replaced, ...] = ()

    @property
    def saving(self) -> float:
        """The share of the cost that this index takes away, 0 to 1."""
        return 1 - self.cost_with / self.cost_without if self.cost_without else 0.0

    @property
    def ddl(self) -> str:
        """The statement, or the first of several, that makes the index in production."""
        return next(step.sql for step in self.steps if step.sql.startswith("CREATE INDEX"))


@dataclass(frozen=True)
class Advice:
    """What was found out about indexes for one query."""

    sql: str
    before: Plan
    after: Plan
    """With all recommendations; the same as ``before`` where there are none."""
    cost_before: float
    cost_after: float
    recommendations: tuple[Recommendation, ...]
    """The most valuable first."""
    tried: int
    """Candidates tried."""
    what_ifs: int
    """Times the query was planned with other indexes."""
    reason: str = ""
    """Why nothing is recommended; ``""`` where something is."""
    notes: tuple[str, ...] = ()
    """What limits the advice, in words."""
