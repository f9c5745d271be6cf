"""What rules about scans share: rows read and thrown away, what stands above a node, what is worth a word."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.plan.model import Node, Plan
from knowledge.plan.words import amount, duration, percent
from knowledge.rules.plan_rule import PlanContext

INDEX_SCANS = ("Index Scan", "Index Only Scan", "Bitmap Heap Scan")

LARGE_SHARE = 0.3
"""Share of the query's time from which a scan is worth an index (dataxplan's rule of 30 %)."""

DISCARD_RATIO = 10.0
"""Rows thrown away for each row kept (dataxplan's rule of 10)."""

MANY_ROWS = 10_000
"""Rows below which reading them all is cheap whatever the share (the yugabyte skill's 10,000)."""

NOTICEABLE_MS = 1.0
"""Milliseconds a part of a plan must take to be worth a word: below it nothing is to be gained."""

NOTICEABLE_COST = 500.0
"""The same in the planner's units, where nothing was timed: about 500 sequential pages, 4 MB."""


def discarded(node: Node, name: str = "Rows Removed by Filter") -> float:
    """Rows a condition threw away over all loops (EXPLAIN prints the average of one)."""
    return node.number_of(name) * node.loops


def discards_most(node: Node, at_least: float = MANY_ROWS) -> bool:
    """Whether a measured scan threw away many rows, and ten or more for each that it kept."""
    gone = discarded(node)
    return gone >= at_least and gone >= DISCARD_RATIO * node.all_rows


def table(node: Node) -> str:
    """The table a scan reads, as messages name it."""
    return node.relation or node.alias


def ancestors(plan: Plan, node: Node) -> Iterator[Node]:
    """What stands above a node, nearest first."""
    while (parent := plan.parents.get(node.number)) is not None:
        yield parent
        node = parent


def matters(context: PlanContext, node: Node, least_share: float, *, whole: bool = False) -> bool:
    """Whether a node (``whole``: with all below it) takes that share of the query, and more than a trifle."""
    figures = context.of(node)
    share = figures.inclusive_share if whole else figures.share
    if context.plan.is_timed:
        spent, trifle = figures.inclusive_ms if whole else figures.self_ms, NOTICEABLE_MS
    else:
        spent, trifle = figures.inclusive_cost if whole else figures.self_cost, NOTICEABLE_COST
    return share >= least_share and spent >= trifle


def capped(share: float) -> float:
    """A share as a hit may state it."""
    return min(1.0, max(0.0, share))


def weight(context: PlanContext, node: Node, *, whole: bool = False) -> str:
    """``84 ms, 97 % of the query's time``, or the same in cost."""
    figures = context.of(node)
    share = figures.inclusive_share if whole else figures.share
    if context.plan.is_timed:
        return f"{duration(figures.inclusive_ms if whole else figures.self_ms)}, {percent(share)} of the query's time"
    cost = figures.inclusive_cost if whole else figures.self_cost
    return f"estimated cost {amount(cost)}, {percent(share)} of the query's"
