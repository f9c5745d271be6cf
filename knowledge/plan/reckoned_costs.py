"""What of the planner's estimate for a whole query each node stands for.

``Total Cost`` is that of one complete execution. A Limit stops its input early, a nested loop repeats its
inner side: what a parent pays for its children is never more than what it costs itself. An InitPlan is paid
in full before the first row, so it is the inputs that are cut short.
Source: ``costsize.c`` (``cost_recursive_union``, ``cost_rescan``, ``cost_subplan``) and ``SS_attach_initplans``,
which adds an InitPlan to the cost of the node it hangs on.
"""

from __future__ import annotations

import re

from knowledge.plan.allotment import LARGEST, Part, granted
from knowledge.plan.model import Node, Plan

_CPU_OPERATOR_COST = 0.0025
"""PostgreSQL's default; what reading a kept row again costs."""
_RECURSIONS = 10
"""How often the planner takes a recursive term to be executed."""
_HASHED = re.compile(r"hashed (SubPlan [^\s)]+)")


def costs(plan: Plan) -> tuple[dict[int, float], dict[int, float]]:
    """Every node's own part of the cost of the query, and its part with what is below it."""
    own: dict[int, float] = {}
    grants = {1: min(max(0.0, plan.root.number_of("Total Cost")), LARGEST)}
    times = {1: 1.0}
    for node in plan.nodes:
        grant, executions = grants[node.number], times[node.number]
        repeats = [_repeats(node, child) for child in node.children]
        claims = [_claim(child, repeat) * executions for child, repeat in zip(node.children, repeats, strict=True)]
        parts = [
            Part(child.number, claim, 0.0 if child.relationship == "InitPlan" else claim)
            for child, claim in zip(node.children, claims, strict=True)
        ]
        shares = granted(grant, parts)
        own[node.number] = max(0.0, grant - sum(shares))
        for child, claim, share, repeat in zip(node.children, claims, shares, repeats, strict=True):
            grants[child.number] = share
            turns = executions if child.kind == "Materialize" else min(executions * repeat, LARGEST)
            times[child.number] = turns * (share / claim if claim > 0 else 0.0)
    return own, grants


def _claim(child: Node, repeat: float) -> float:
    total = min(max(0.0, child.number_of("Total Cost")), LARGEST)
    if child.kind == "Materialize":
        return total + (repeat - 1) * _CPU_OPERATOR_COST * min(max(0.0, child.estimated_rows), LARGEST)
    return total * repeat


def _repeats(parent: Node, child: Node) -> float:
    """How often the planner takes a child to run in one execution of its parent."""
    if child.relationship == "SubPlan":
        return 1.0 if _is_hashed(parent, child) else min(max(1.0, _input_rows(parent)), LARGEST)
    if child.relationship != "Inner":
        return 1.0
    if parent.kind == "Recursive Union":
        return _RECURSIONS
    if parent.kind == "Nested Loop":
        outer = next((other for other in parent.children if other.relationship == "Outer"), None)
        return min(max(1.0, outer.estimated_rows), LARGEST) if outer is not None else 1.0
    return 1.0


def _is_hashed(parent: Node, child: Node) -> bool:
    name = child.text("Subplan Name").split(" (")[0]
    texts = (value for value in parent.properties.values() if isinstance(value, str))
    return any(name in _HASHED.findall(text) for text in texts)


def _input_rows(node: Node) -> float:
    return next((child.estimated_rows for child in node.children if child.relationship == "Outer"), node.estimated_rows)
