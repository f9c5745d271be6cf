"""Where estimates of rows go wrong, and which part of the plan was chosen because of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from knowledge.plan.model import Node, Plan
from knowledge.rules.plan_rule import PlanContext
from knowledge.rules.plans._scans import INDEX_SCANS, MANY_ROWS, discarded
from knowledge.rules.plans._spills import largest, parts

WRONG = 10.0
"""Factor from which an estimate is wrong (the first step of pev2, depesz and pgAdmin)."""

_ESTIMATE_ANEW = frozenset(
    (
        *(
            "Seq Scan",
            "Sample Scan",
            "Function Scan",
            "Table Function Scan",
            "CTE Scan",
            "Subquery Scan",
            "Foreign Scan",
        ),
        *("Index Scan", "Index Only Scan", "Bitmap Heap Scan", "Tid Range Scan", "ProjectSet"),
        *("Nested Loop", "Hash Join", "Merge Join", "Aggregate", "Group", "Unique", "SetOp"),
    )
)
"""Steps that decide how many rows there are; all others pass on what they get, or stop early."""


@dataclass(frozen=True)
class Consequence:
    """What a wrong estimate led to."""

    node: Node
    words: str
    share: float
    """The part of the query that would have been planned otherwise."""


def factor(node: Node) -> float:
    """How wrong the estimate is, at least 1. Below one row nothing can be estimated: the planner never says 0."""
    estimated, actual = max(1.0, node.estimated_rows), max(1.0, node.actual_rows)
    return max(estimated, actual) / min(estimated, actual)


def is_under(node: Node) -> bool:
    """Whether there were more rows than estimated."""
    return node.actual_rows > node.estimated_rows


def above(plan: Plan, node: Node) -> Iterator[tuple[Node, Node]]:
    """Each step that gets a step's rows, with the child they come from. The rows of a CTE go to its first scan;
    those of other subplans are no rows of the plan."""
    while True:
        name = node.text("Subplan Name")
        if name.startswith("CTE "):
            readers = (each for each in plan.nodes if each.text("CTE Name") == name[4:])
            parent = next(readers, None)
        else:
            parent = None if node.relationship in ("SubPlan", "InitPlan") else plan.parents.get(node.number)
        if parent is None:
            return
        yield parent, node
        node = parent


def may_stop_early(plan: Plan, node: Node) -> bool:
    """Whether a step above may have had enough before it got all rows, so that too few prove nothing."""
    for parent, child in above(plan, node):
        once = (
            parent.text("Join Type") in ("Semi", "Anti", "Right Semi") or parent.properties.get("Inner Unique") is True
        )
        if parent.kind in ("Limit", "Merge Join") or (parent.kind == "Nested Loop" and once and is_inner(child)):
            return True
        if (
            parent.kind == "Hash Join"
            and not is_inner(child)
            and any(not each.all_rows for each in parent.children[1:])
        ):
            return True
    top = [node, *(parent for parent, _ in above(plan, node))][-1]
    return top.relationship in ("SubPlan", "InitPlan") and not top.text("Subplan Name").startswith("CTE ")


def is_inner(node: Node) -> bool:
    """Whether it is the inner side of its join."""
    return node.relationship == "Inner"


def is_wrong(plan: Plan, node: Node, least: float = WRONG) -> bool:
    """Whether the estimate of a step that was run to its end is off by that factor."""
    return (
        node.is_measured
        and node.loops > 0
        and node.kind in _ESTIMATE_ANEW
        and factor(node) >= least
        and (is_under(node) or not may_stop_early(plan, node))
    )


def origins(plan: Plan) -> Iterator[Node]:
    """The steps whose estimate is wrong although those of all steps below are right."""
    wrong = {node.number for node in plan.nodes if is_wrong(plan, node)}
    for node in plan.nodes:
        if node.number in wrong:
            below = {each.number for each in node.walk()} - {node.number}
            if node.kind == "CTE Scan":
                name = f"CTE {node.text('CTE Name')}"
                below |= {n.number for each in plan.nodes if each.text("Subplan Name") == name for n in each.walk()}
            if not below & wrong:
                yield node


def consequence(context: PlanContext, node: Node) -> Consequence | None:
    """The worst that a wrong estimate can be shown to have led to; ``None`` where the plan would be the same."""
    found = [_of_parent(context, node, parent, child) for parent, child in above(context.plan, node)]
    if node.kind in INDEX_SCANS and is_under(node) and node.all_rows >= MANY_ROWS:
        words = "an index was used where reading the whole table may be cheaper"
        found.append(Consequence(node, words, context.of(node).share))
    if node.kind == "Aggregate" and largest(node, "Disk Usage") > 0:
        found.append(Consequence(node, "its groups did not fit in memory", context.of(node).share))
    return max((each for each in found if each is not None), key=lambda each: each.share, default=None)


def _of_parent(context: PlanContext, node: Node, parent: Node, child: Node) -> Consequence | None:
    share = max(0.0, context.of(parent).inclusive_share - context.of(child).inclusive_share)
    if (
        parent.kind == "Nested Loop"
        and not is_inner(child)
        and is_under(node)
        and child.all_rows >= 10 * _planned(child)
    ):
        loops = f"the inner side of a nested loop ran {child.all_rows:,.0f} times instead of {_planned(child):,.0f}"
        return Consequence(parent, loops, share)
    if parent.kind == "Hash" and parent.number_of("Hash Batches") > parent.number_of("Original Hash Batches", 1e9):
        return Consequence(parent, "a hash table did not fit in memory as planned", share)
    if (
        parent.kind == "Sort"
        and is_under(node)
        and any(part.get("Sort Space Type") == "Disk" for part in parts(parent))
    ):
        return Consequence(parent, "a sort did not fit in memory", share)
    if parent.kind == "Aggregate" and is_under(node) and largest(parent, "Disk Usage") > 0:
        return Consequence(parent, "a hash aggregate did not fit in memory", share)
    if parent.kind in ("Hash Join", "Merge Join") and not is_under(node):
        read = max((each.all_rows + discarded(each) for each in _other_side(parent, child)), default=0.0)
        if read >= MANY_ROWS and read >= 10 * max(1.0, child.all_rows):
            return Consequence(parent, f"{read:,.0f} rows were read to join them with {child.all_rows:,.0f}", share)
    return None


def _planned(node: Node) -> float:
    """Rows estimated for all loops."""
    return max(1.0, node.estimated_rows) * node.loops


def _other_side(join: Node, child: Node) -> Iterator[Node]:
    for side in join.children:
        if side.number != child.number:
            yield from side.walk()
