"""What a plan does, in at most ten lines and in the order in which it is done."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from knowledge.plan.model import Node, Plan
from knowledge.plan.reckoning import Reckoning
from knowledge.plan.sentences import sentence
from knowledge.plan.words import amount, counted, duration, percent, shortened, source, unit

LINES = 10
"""The most lines an account has."""

LONGEST_LINE = 300
"""The most characters of a line."""

SMALL = 0.01
"""Share of the query below which a step matters little."""

FEW = 5
"""Steps a plan may have for each of them to be told, however small."""

_PART_OF_PARENT = frozenset({"Hash", "Bitmap Index Scan", "BitmapAnd", "BitmapOr"})
"""Steps that are told with the one they work for."""

_QUIET = frozenset({"Gather", "Gather Merge", "Materialize", "Memoize", "Subquery Scan", "Result", "ProjectSet"})
"""Steps that mostly hand rows on: told only where they take a notable share."""

NOTABLE = 0.1
"""Share from which such a step is told."""


@dataclass(frozen=True)
class _Told:
    node: Node
    share: float
    """Its own and that of the steps told with it."""


def account(plan: Plan, figures: Reckoning) -> list[str]:
    """What the plan does: at most ten sentences, in execution order, the last about the whole."""
    steps = _steps(plan, figures)
    return [*_lines(plan, steps, LINES - 1), _whole(plan)]


def _steps(plan: Plan, figures: Reckoning) -> list[_Told]:
    """The steps worth a sentence, in the order in which they finish, each with the shares of those it speaks for."""
    carried: dict[int, float] = {}
    found: list[_Told] = []
    for node in _execution_order(plan.root):
        share = figures[node.number].share + carried.pop(node.number, 0.0)
        parent = plan.parents.get(node.number)
        quiet = node.kind in _QUIET and share < NOTABLE and bool(node.children)
        if parent is None and found and plan.engine == "sqlite" and not node.text("Detail"):
            continue  # its root stands for the query and does nothing
        if parent is not None and (node.kind in _PART_OF_PARENT or quiet):
            carried[parent.number] = carried.get(parent.number, 0.0) + share
        else:
            found.append(_Told(node, share))
    return found


def _execution_order(root: Node) -> Iterator[Node]:
    """Children before parents; InitPlans first, and the hashed side of a hash join before the other."""
    pending = [(root, False)]
    while pending:
        node, ready = pending.pop()
        if ready or not node.children:
            yield node
            continue
        pending.append((node, True))
        in_order = sorted(node.children, key=_when)
        pending.extend((child, False) for child in in_order[::-1])


def _when(child: Node) -> int:
    if child.relationship == "InitPlan":
        return 0
    if child.relationship == "SubPlan":
        return 3
    return 1 if child.kind == "Hash" else 2


def _lines(plan: Plan, steps: list[_Told], most: int) -> list[str]:
    """As many of the weightiest steps as fit, the runs of others between them folded into a line each."""
    weigh = any(step.share for step in steps)
    matter = [
        position
        for position, step in enumerate(steps)
        if len(steps) <= FEW or not weigh or step.share >= SMALL or step is steps[-1]
    ]
    matter.sort(key=lambda position: -steps[position].share)
    for kept in range(min(len(matter), most), -1, -1):
        lines = list(_told(plan, steps, frozenset(matter[:kept])))
        if len(lines) <= most:
            return lines
    return []


def _told(plan: Plan, steps: list[_Told], kept: frozenset[int]) -> Iterator[str]:
    run: list[_Told] = []
    for position, step in enumerate(steps):
        if position in kept:
            yield from _folded(plan, run)
            run = []
            yield _sentence(plan, step)
        else:
            run.append(step)
    yield from _folded(plan, run)


def _folded(plan: Plan, run: list[_Told]) -> Iterator[str]:
    if len(run) == 1:
        yield _sentence(plan, run[0])
    if len(run) < 2:
        return
    names = list(dict.fromkeys(shortened(name, 40) for step in run if (name := source(step.node))))
    on = f" on {', '.join(names[:3])}" if names else ""
    on += f" and {counted(len(names) - 3, 'other')}" if len(names) > 3 else ""
    if all(step.node.never_executed for step in run):
        yield _line(f"{len(run)} steps{on} never run")
        return
    share = sum(step.share for step in run)
    yield _line(f"{len(run)} smaller steps{on}" + (f": {percent(min(1.0, share))} together" if share else ""))


def _sentence(plan: Plan, step: _Told) -> str:
    text = sentence(plan, step.node)
    share = f"{',' if ': ' in text else ':'} {percent(min(1.0, step.share))} of the {unit(plan)}"
    return _line(text + (share if step.share >= SMALL else ""))


def _line(text: str) -> str:
    return shortened(text, LONGEST_LINE - 1).rstrip(" .,") + "."


def _whole(plan: Plan) -> str:
    root = plan.root
    if plan.is_measured:
        took = plan.execution_ms or root.number_of("Actual Total Time") * root.loops
        time = f" in {duration(took)}" if took else ""
        if root.kind == "ModifyTable" and not root.all_rows:
            return _line(f"Done{time}")
        planning = f", after {duration(plan.planning_ms)} of planning" if plan.planning_ms else ""
        one = "document" if plan.engine == "mongodb" else "row"
        return _line(f"Gives {counted(root.all_rows, one)}{time}{planning}")
    if root.has_costs:
        cost = amount(round(root.number_of("Total Cost")))
        rows = counted(root.estimated_rows, "row")
        return _line(
            f"Expected to give {rows} at an estimated cost of {cost} (planner's units, not time); not executed"
        )
    return _line("The plan carries neither costs nor times: it was not executed")
