"""What rules about index scans share: whether a condition leads them, and whether they serve an order."""

from __future__ import annotations

from knowledge.plan.model import Node
from knowledge.rules.plan_rule import PlanContext
from knowledge.rules.plans._conditions import clauses
from knowledge.rules.plans._scans import INDEX_SCANS, LARGE_SHARE, ancestors, discards_most, matters

RANDOM_READS = 1_000
"""Rows an index scan throws away from which it is worth a word: each was fetched on its own, so a thousand of them
cost what a sequential scan spends on ten thousand or more."""

_KEEPS_ORDER = frozenset(
    ("Nested Loop", "Merge Append", "Gather Merge", "Incremental Sort", "LockRows", "Subquery Scan", "Result", "Unique")
)


def is_led(node: Node) -> bool:
    """Whether a condition says where in the index to look; ``IS NOT NULL``, which min() and max() add, does not."""
    found = clauses(node.text("Index Cond"))
    return bool(node.text("Index Cond")) and (not found or any(clause.kind != "null" for clause in found))


def limit_above(context: PlanContext, node: Node) -> Node | None:
    """The Limit that stops this scan early because rows come in its order, or ``None``."""
    below = node
    for parent in ancestors(context.plan, node):
        if parent.kind == "Limit":
            return parent
        if parent.kind not in _KEEPS_ORDER or (parent.kind == "Nested Loop" and below.relationship != "Outer"):
            return None
        below = parent
    return None


def is_for_order(context: PlanContext, node: Node) -> bool:
    """Whether a scan walks its index from one end, only because a Limit wants the first rows in that order."""
    return (
        node.kind in ("Index Scan", "Index Only Scan") and not is_led(node) and limit_above(context, node) is not None
    )


def throws_away(context: PlanContext, node: Node) -> bool:
    """Whether a measured index scan filters out most of what it fetches and takes a large share of the query."""
    whole = node.kind == "Bitmap Heap Scan"
    return (
        node.kind in INDEX_SCANS
        and discards_most(node, at_least=RANDOM_READS)
        and matters(context, node, LARGE_SHARE, whole=whole)
    )


def index_of(node: Node) -> str:
    """The index of a scan, of a Bitmap Heap Scan those below it."""
    if node.index:
        return node.index
    return ", ".join(dict.fromkeys(child.index for child in node.walk() if child.kind == "Bitmap Index Scan"))


def blocks(node: Node) -> float:
    """Blocks a node touched, with all below it, cached or not."""
    return node.number_of("Shared Hit Blocks") + node.number_of("Shared Read Blocks")
