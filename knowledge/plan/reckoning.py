"""What every node of a plan took itself: its share of time and cost without that of its children."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from knowledge.plan.model import Node, Plan


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
    """The figures of all nodes of a plan."""
    total_ms = _inclusive_ms(plan.root)
    total_cost = plan.root.number_of("Total Cost")
    timed = plan.is_timed and total_ms > 0
    found: dict[int, Figures] = {}
    for node in plan.nodes:
        inclusive_ms = _inclusive_ms(node)
        self_ms = max(0.0, inclusive_ms - sum(_inclusive_ms(child) for child in node.children))
        inclusive_cost = node.number_of("Total Cost")
        self_cost = max(0.0, inclusive_cost - sum(child.number_of("Total Cost") for child in node.children))
        part, whole, all_of_it = (self_ms, inclusive_ms, total_ms) if timed else (self_cost, inclusive_cost, total_cost)
        found[node.number] = Figures(
            inclusive_ms,
            self_ms,
            inclusive_cost,
            self_cost,
            share=part / all_of_it if all_of_it else 0.0,
            inclusive_share=min(1.0, whole / all_of_it) if all_of_it else 0.0,
        )
    return found


def _inclusive_ms(node: Node) -> float:
    return node.number_of("Actual Total Time") * node.loops
