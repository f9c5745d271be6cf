"""What rules about joins and subplans share: the two sides of a join, what is done for each row."""

from __future__ import annotations

import re

from knowledge.plan.model import Node
from knowledge.rules.plan_rule import PlanContext
from knowledge.rules.plans._conditions import branches, clauses
from knowledge.rules.plans._scans import DISCARD_RATIO, ancestors, capped

JOINS = ("Nested Loop", "Hash Join", "Merge Join")


def outer_of(node: Node) -> Node | None:
    """The outer side of a join."""
    return next((child for child in node.children if child.relationship == "Outer"), None)


def inner_of(node: Node) -> Node | None:
    """The inner side of a join."""
    return next((child for child in node.children if child.relationship == "Inner"), None)


def per_row_share(context: PlanContext, join: Node) -> float:
    """The share of the query that a nested loop takes beyond reading its outer side."""
    outer = outer_of(join)
    return capped(context.of(join).inclusive_share - (context.of(outer).inclusive_share if outer is not None else 0.0))


def processes(context: PlanContext, node: Node) -> float:
    """Processes that ran a node side by side: each counts as a loop of its own."""
    launched = [each.number_of("Workers Launched") for each in ancestors(context.plan, node)]
    return 1 + max(launched, default=0.0)


def is_or_of_both_sides(condition: str) -> bool:
    """Whether an OR among the parts of a join's condition names more than one table."""
    named = {column.table for branch in branches(condition) for column in branch if column.table}
    return len(named) > 1


def late_or(node: Node) -> tuple[str, float]:
    """A join's condition with an OR that names both sides, and the rows it removed; ``""`` where it has none."""
    for name in ("Join Filter", "Filter"):
        if node.kind in JOINS and is_or_of_both_sides(node.text(name)):
            return node.text(name), node.number_of(f"Rows Removed by {name}") * node.loops
    return "", 0.0


def removes_most(removed: float, node: Node, at_least: float) -> bool:
    """Whether a condition of a join removed that many rows, and ten for each that was kept."""
    return removed >= at_least and removed >= DISCARD_RATIO * node.all_rows


def conditions(node: Node) -> tuple[str, ...]:
    """The texts of a node in which a subplan may be mentioned."""
    return tuple(node.text(name) for name in ("Filter", "Join Filter", "Output", "One-Time Filter") if node.text(name))


def is_hashed(parent: Node, subplan: Node) -> bool:
    """Whether the rows of a subplan are hashed once, in place of running it for each row."""
    return any(f"hashed {subplan.text('Subplan Name')}" in text for text in conditions(parent))


def is_not_in(context: PlanContext, parent: Node, subplan: Node) -> bool:
    """Whether a subplan is that of ``NOT IN``.

    Since 17 EXPLAIN shows ``NOT (ANY (a = (SubPlan 1).col1))``. Before, ``NOT (hashed SubPlan 1)``, and
    ``NOT (SubPlan 1)``, which NOT EXISTS may be as well: then the query must say it.
    """
    name = re.escape(subplan.text("Subplan Name"))
    says_so = re.search(r"\bNOT\s+IN\s*\(|<>\s*ALL\s*\(", context.sql, re.IGNORECASE) is not None
    for text in conditions(parent):
        if re.search(
            rf"NOT \(ANY \([^)]*\((?:hashed )?{name}\)|<> ALL \((?:hashed )?{name}\)|NOT \(hashed {name}\)", text
        ):
            return True
        if says_so and f"NOT ({subplan.text('Subplan Name')})" in text:
            return True
    return False


def subplan_share(context: PlanContext, parent: Node, subplan: Node) -> float:
    """The share of the query that the runs of a subplan take; estimated for one run for each row the parent returns."""
    if subplan.is_measured:
        return context.of(subplan).inclusive_share
    whole = context.plan.root.number_of("Total Cost")
    runs = 1.0 if is_hashed(parent, subplan) else max(1.0, parent.estimated_rows)
    return capped(runs * subplan.number_of("Total Cost") / whole) if whole else 0.0


def has_readable_equality(condition: str) -> bool:
    """Whether a join condition compares columns of two tables by equality, so that it could be hashed."""
    return any(clause.kind == "join" and clause.operator == "=" for clause in clauses(condition))
