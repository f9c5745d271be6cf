"""The whole plan as an indented tree: a line a node, with what it took itself and how the estimate fared."""

from __future__ import annotations

from knowledge.plan.model import Node, Plan
from knowledge.plan.reckoning import Reckoning
from knowledge.plan.sentences import plain
from knowledge.plan.words import amount, duration, percent, shortened, step, unit

DEEPEST = 40
"""Levels that are indented: what is deeper stays at that column, so that a line does not grow with the depth."""

_CONDITIONS = (
    "Index Cond",
    "Recheck Cond",
    "Filter",
    "Hash Cond",
    "Merge Cond",
    "Join Filter",
    "Sort Key",
    "Group Key",
)


def tree_text(plan: Plan, figures: Reckoning) -> str:
    """The tree of all nodes: number, own share, step, rows estimated and found, condition.

    The first line says what the columns are. Nodes keep the numbers that findings refer to.
    """
    width = len(str(len(plan.nodes)))
    depths = {plan.root.number: 0}
    lines = [_heading(plan)]
    for node in plan.nodes:
        depth = depths[node.number]
        depths.update((child.number, depth + 1) for child in node.children)
        indent = "  " * min(depth, DEEPEST)
        own = _own(plan, node, figures)
        lines.append(f"{node.number:>{width}}  {own:>10}  {indent}{_named(node)}{_rows(node)}{_condition(node)}")
    return "\n".join(lines) + "\n"


def _heading(plan: Plan) -> str:
    rows = "rows estimated -> found" if plan.is_measured else "rows estimated" if plan.root.has_costs else "no figures"
    of = f"of the {unit(plan)}" if plan.is_timed or plan.root.has_costs else "(not known)"
    return f"node, own share {of}, step, {rows}, condition"


def _own(plan: Plan, node: Node, figures: Reckoning) -> str:
    if node.never_executed:
        return "never run"
    return percent(figures[node.number].share) if node.has_costs or plan.is_timed else "-"


def _named(node: Node) -> str:
    role = shortened(node.text("Subplan Name"), 40)
    return f"{role}: {step(node)}" if role else step(node)


def _rows(node: Node) -> str:
    parts = []
    if node.has_costs and node.is_measured and not node.never_executed:
        parts.append(f"{amount(node.estimated_rows)} -> {amount(node.actual_rows)} rows")
    elif node.has_costs:
        parts.append(f"{amount(node.estimated_rows)} rows")
    elif node.is_measured and not node.never_executed:
        parts.append(f"{amount(node.actual_rows)} rows")
    if node.loops > 1:
        parts.append(f"in each of {amount(node.loops)} loops")
    if node.is_timed and not node.never_executed:
        parts.append(duration(node.number_of("Actual Total Time")))
    return f"  [{', '.join(parts)}]" if parts else ""


def _condition(node: Node) -> str:
    said = [f"{name}: {plain(node.text(name))}" for name in _CONDITIONS if node.text(name)]
    return f"  {'; '.join(said)}" if said else ""
