"""What every node of a plan took itself: its share of time and cost without that of its children."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from knowledge.plan.allotment import divide
from knowledge.plan.model import Plan
from knowledge.plan.reckoned_costs import costs
from knowledge.plan.reckoned_times import Times


@dataclass(frozen=True)
class Figures:
    """The reckoned figures of one node, over all its loops.

    Times are milliseconds of wall clock: work that parallel processes did side by side counts once.
    """

    inclusive_ms: float = 0.0
    self_ms: float = 0.0
    inclusive_cost: float = 0.0
    self_cost: float = 0.0
    share: float = 0.0
    """Its own part of the whole query, 0 to 1: of the time where times were measured, else of the cost."""
    inclusive_share: float = 0.0
    """The same with its children."""


Reckoning = Mapping[int, Figures]
"""Figures by the node's number."""


def reckon(plan: Plan) -> Reckoning:
    """The figures of all nodes of a plan.

    The times of the nodes themselves make up the time of the root exactly, and none is negative; so do the
    costs. Where a node ran other than where it hangs in the tree is told in
    :mod:`knowledge.plan.reckoned_times`; time of AFTER triggers lies in no node.
    """
    times = Times(plan)
    numbers = [node.number for node in plan.nodes]
    total_ms = times.inclusive(plan.root) + sum(times.outside.values())
    own_ms, _ = divide(numbers, {1: times.inclusive(plan.root), **times.outside}, times.inside)
    own_cost, inclusive_cost = costs(plan)
    timed = plan.is_timed and total_ms > 0
    own, whole = (own_ms, total_ms) if timed else (own_cost, inclusive_cost[1])
    found: dict[int, Figures] = {}
    for node in plan.nodes:
        number = node.number
        inclusive_ms = times.inclusive(node)
        inclusive = inclusive_ms if timed else inclusive_cost[number]
        found[number] = Figures(
            inclusive_ms,
            own_ms[number],
            inclusive_cost[number],
            own_cost[number],
            share=own[number] / whole if whole else 0.0,
            inclusive_share=min(1.0, inclusive / whole) if whole else 0.0,
        )
    return found
