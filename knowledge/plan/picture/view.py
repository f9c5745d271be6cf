"""A plan as the data its picture is drawn from: plain JSON, sizes bounded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from knowledge.plan.compare import describe
from knowledge.plan.model import Node, Plan
from knowledge.plan.reckoning import Figures, Reckoning

TEXT = 400
"""Characters of any one text in the picture."""
DETAILS = 40
"""Properties of a node that the picture shows."""
DRAWN_APART = frozenset({
    "Node Type", "Startup Cost", "Total Cost", "Plan Rows", "Plan Width", "Actual Startup Time", "Actual Total Time",
    "Actual Rows", "Actual Loops", "Parent Relationship", "Relation Name", "Schema", "Alias", "Index Name",
})  # fmt: skip
"""What has a place of its own and is not repeated among the details."""


@dataclass(frozen=True)
class Mark:
    """A finding, where it stands in the picture."""

    node: int
    rule: str
    severity: str
    message: str


Json = dict[str, Any]


def view(
    plan: Plan, figures: Reckoning, marks: Sequence[Mark] = (), account: Sequence[str] = (), title: str = ""
) -> Json:
    """Everything the picture shows of a plan.

    Args:
        plan: the plan.
        figures: its reckoning.
        marks: findings by node; node 0 is the plan as a whole.
        account: what the plan does, in plain words.
        title: heading of the page; by default the beginning of the query.
    """
    timed = plan.is_timed
    root = figures[plan.root.number]
    parents = {number: parent.number for number, parent in plan.parents.items()}
    return {
        "title": _cut(title or plan.query or "Query plan"),
        "unit": "ms" if timed else "cost",
        "total": round(root.inclusive_ms if timed else root.inclusive_cost, 3),
        "planning": plan.planning_ms,
        "execution": plan.execution_ms,
        "measured": plan.is_measured,
        "account": [_cut(line) for line in account],
        "findings": [
            {"node": mark.node, "rule": mark.rule, "severity": mark.severity, "message": _cut(mark.message)}
            for mark in marks
        ],
        "nodes": [_node(node, figures[node.number], parents.get(node.number, 0), timed=timed) for node in plan.nodes],
    }


def _node(node: Node, own: Figures, parent: int, *, timed: bool) -> Json:
    return {
        "n": node.number,
        "parent": parent,
        "name": _cut(describe(node)),
        "alias": _cut(node.alias) if node.alias != node.text("Relation Name") else "",
        "role": _cut(node.text("Subplan Name") or node.relationship),
        "self": round(own.self_ms if timed else own.self_cost, 3),
        "share": round(own.share, 4),
        "below": round(own.inclusive_share, 4),
        "estimated": node.estimated_rows if node.has_costs else None,
        "actual": node.actual_rows if node.is_measured else None,
        "loops": node.loops if node.is_measured else None,
        "never": node.never_executed,
        "details": _details(node.properties),
    }


def _details(properties: Mapping[str, Any]) -> list[list[str]]:
    rows = [[name, _cut(_shown(value))] for name, value in properties.items() if name not in DRAWN_APART]
    return [row for row in rows if row[1] not in ("", "0", "False")][:DETAILS]


def _shown(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(_shown(item) for item in value)
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_shown(item)}" for name, item in value.items())
    return str(value)


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= TEXT else line[: TEXT - 1] + "…"
