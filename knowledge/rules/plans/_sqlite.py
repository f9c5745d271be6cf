"""What rules about SQLite's plans share: which steps read whole tables, and which run once for each row of others."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from knowledge.plan.model import Node, Plan

SMALL = 1_000
"""Rows of a table whose whole read is cheap."""
DERIVED = frozenset({"Materialize", "Co-Routine"})


def reads_whole_table(plan: Plan, node: Node) -> bool:
    """Whether a step reads a table from beginning to end that is not known to be small.

    SQLite says SEARCH without an index for the whole read of a min() or max().
    """
    if node.kind not in ("Scan", "Search") or not node.relation or node.text("Virtual Table"):
        return False
    if node.kind == "Search" and (node.index or node.properties.get("Automatic Index")):
        return False
    if node.alias in {other.alias for other in plan.nodes if other.kind in DERIVED}:
        return False
    return node.number_of("Table Rows", SMALL) >= SMALL


def inner_steps(plan: Plan) -> Iterator[tuple[Node, Node]]:
    """Steps that run once for each row of those before them in the same SELECT, each with the step before it."""
    for parent in plan.nodes:
        reads = [node for node in parent.children if node.kind in ("Scan", "Search")]
        if parent.kind not in ("Compound Query", "Merge", "Multi-Index Or"):
            yield from ((node, before) for before, node in pairwise(reads) if _many(before))


def rows_of(node: Node) -> str:
    """`` (400,000 rows)`` where the size of the table is known."""
    rows = node.number_of("Table Rows")
    return f" ({rows:,.0f} rows)" if rows else ""


def _many(node: Node) -> bool:
    """Whether a step may give more than a row: it is no look-up by rowid."""
    return node.kind == "Scan" or "rowid=?" not in node.text("Index Cond")
