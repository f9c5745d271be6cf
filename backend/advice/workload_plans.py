"""Plans of a workload's queries that were made already, found again for other sets of indexes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

Names = frozenset[str]


@dataclass(frozen=True)
class KnownPlan:
    """What a query cost with the indexes ``offered``, and which of them its plan used."""

    offered: Names
    cost: float
    used: Names


Rule = Callable[[KnownPlan, Names], bool]


def still_cheapest(plan: KnownPlan, offered: Names) -> bool:
    """Whether a plan found among more indexes is the plan for these.

    With fewer choices the planner finds nothing cheaper, and what it chose is still there. It holds up to the
    1 % by which the planner takes costs for equal (``STD_FUZZ_FACTOR``).
    """
    return plan.used <= offered <= plan.offered


@dataclass
class PlanMemory:
    """Known plans by query. ``rule`` is replaced only to show what it is for."""

    rule: Rule = still_cheapest
    _plans: dict[int, list[KnownPlan]] = field(default_factory=dict)
    _exact: dict[tuple[int, Names], KnownPlan] = field(default_factory=dict)

    def add(self, query: int, plan: KnownPlan) -> None:
        """Remember a plan."""
        self._plans.setdefault(query, []).append(plan)
        self._exact[query, plan.offered] = plan

    def find(self, query: int, offered: Names) -> KnownPlan | None:
        """A plan that holds for these indexes, or ``None``."""
        found = self._exact.get((query, offered))
        if found is None:
            found = next((plan for plan in self._plans.get(query, ()) if self.rule(plan, offered)), None)
            if found is not None:
                self._exact[query, offered] = found
        return found
