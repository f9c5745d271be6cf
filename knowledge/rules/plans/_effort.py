"""What a node spent itself, and whether it is enough to speak about."""

from __future__ import annotations

from knowledge.plan.model import Node
from knowledge.rules.plan_rule import PlanContext

NOTABLE = 0.1
"""Share of the query from which a node is worth a finding: the lowest step of pev2's colouring."""

TRIFLE_MS = 1.0
"""Milliseconds below which nothing is said of a node."""

TRIFLE_COST = 1_000.0
"""The same in the planner's units, where nothing was timed: some 30,000 rows read."""


def weighs(context: PlanContext, node: Node, share: float = NOTABLE, *, with_children: bool = False) -> bool:
    """Whether a node takes at least ``share`` of the query and more than a trifle."""
    figures = context.of(node)
    part = figures.inclusive_share if with_children else figures.share
    if part < share:
        return False
    if context.plan.is_timed:
        return (figures.inclusive_ms if with_children else figures.self_ms) >= TRIFLE_MS
    return (figures.inclusive_cost if with_children else figures.self_cost) >= TRIFLE_COST


def own(node: Node, counter: str) -> float:
    """A counter of a node without that of its children: PostgreSQL's block counters include them."""
    return max(0.0, node.number_of(counter) - sum(child.number_of(counter) for child in node.children))


def examined(node: Node) -> float:
    """Rows a scan looked at over all loops: what it returned and what it threw away."""
    dropped = node.number_of("Rows Removed by Filter") + node.number_of("Rows Removed by Index Recheck")
    return (node.actual_rows + dropped) * node.loops


def total_share(context: PlanContext, *nodes: Node) -> float:
    """What nodes took themselves, together; at most 1."""
    return min(1.0, sum(context.of(node).share for node in nodes))
