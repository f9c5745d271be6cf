"""Where the time of each node of a plan was spent: which node ran inside of which.

A node hangs in the tree where it is declared, not where it runs:

- a CTE runs inside the CTE Scans that pull its rows. The scan that took longest is taken to have pulled first;
  what a data-modifying CTE did after the last scan ran after the whole tree (``ExecPostprocessPlan``).
- an InitPlan runs inside the first node that needs its value: the deepest executed node below the one it
  hangs on that names it, or the Gather above that one (a leader evaluates parameters before it starts its
  workers). Text without VERBOSE may name it nowhere: then it lies in the first node, from where it hangs
  downwards, that has time enough beside its inputs.
- a SubPlan runs inside its parent.
- below a Gather, processes run side by side: figures are sums over the processes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from knowledge.plan.allotment import LARGEST, Part
from knowledge.plan.model import Node, Plan

HALF_A_MICROSECOND = 0.0005
"""How far a printed time may be off, in milliseconds."""

_GATHERS = ("Gather", "Gather Merge")
_REFERENCE = re.compile(r"\((?:hashed )?InitPlan ([^\s)]+)\)|(\$\d+)")
_RETURNS = re.compile(r"\$\d+")
_MOST_USERS = 100
"""Nodes that name one InitPlan and are considered; more is no plan of a planner."""
_NOT_EVALUATED = frozenset(["Subplan Name", "Recheck Cond"])
"""``Recheck Cond`` repeats what the index scan below has evaluated."""


class Times:
    """The times of a plan, as wall clock, and what ran inside of what."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._factors = _factors(plan)
        self._last = _last_numbers(plan)
        self._users = _users(plan)
        self._scans = _scans(plan)
        self.outside: dict[int, float] = {}
        """What ran after the whole tree."""
        self.inside: dict[int, list[Part]] = {node.number: [] for node in plan.nodes}
        for node in plan.nodes[1:]:
            self._place(node, plan.parents[node.number])

    def inclusive(self, node: Node) -> float:
        """Milliseconds of wall clock of a node over all its loops, with what ran inside of it."""
        return _summed(node) * self._factors[node.number]

    def slack(self, node: Node) -> float:
        """How far that may be off because each loop's time was rounded."""
        return HALF_A_MICROSECOND * min(max(0.0, node.loops), LARGEST) * self._factors[node.number]

    def _place(self, node: Node, parent: Node) -> None:
        name = node.text("Subplan Name")
        if node.relationship == "InitPlan" and name.startswith("CTE "):
            self._place_cte(node)
        elif node.relationship == "InitPlan":
            self._add(self._user(node, parent), node, self.inclusive(node))
        else:
            self._add(parent, node, self.inclusive(node))

    def _add(self, container: Node, node: Node, amount: float) -> None:
        self.inside[container.number].append(Part(node.number, amount, self.slack(node)))

    def _place_cte(self, node: Node) -> None:
        rest = self.inclusive(node)
        for scan in sorted(self._scans.get(node.number, ()), key=self.inclusive, reverse=True):
            amount = min(rest, self.inclusive(scan))
            rest -= amount
            self._add(scan, node, amount)
        if rest > self.slack(node) and node.kind == "ModifyTable":
            self.outside[node.number] = rest

    def _is_below(self, node: Node, top: Node) -> bool:
        return top.number <= node.number <= self._last[top.number]

    def _user(self, node: Node, parent: Node) -> Node:
        """The node inside of which an InitPlan ran."""
        needed = self.inclusive(node) - self.slack(node)
        users = [
            self._evaluator(user, parent)
            for reference in _references_to(node)
            for user in self._users.get(reference, ())[:_MOST_USERS]
            if self._is_below(user, parent) and not self._is_below(user, node) and not user.never_executed
        ]
        fitting = [user for user in users if self.inclusive(user) + self.slack(user) >= needed]
        if fitting:
            return max(fitting, key=lambda user: user.number)
        return self._roomy(parent, node, needed)

    def _evaluator(self, user: Node, top: Node) -> Node:
        """The node itself, or the topmost Gather between it and ``top``."""
        found = user
        node = user
        while node.number != top.number:
            node = self._plan.parents[node.number]
            if node.kind in _GATHERS:
                found = node
        return found

    def _roomy(self, parent: Node, node: Node, needed: float) -> Node:
        found = parent
        while True:
            inputs = [child for child in found.children if child.relationship not in ("InitPlan", "SubPlan")]
            beside = self.inclusive(found) - sum(self.inclusive(child) for child in inputs)
            longest = max(inputs, key=self.inclusive, default=None)
            if beside >= needed or longest is None or self.inclusive(longest) < needed or found.kind in _GATHERS:
                return found
            found = longest


def _factors(plan: Plan) -> dict[int, float]:
    """By how much a node's time is multiplied to make sums over processes wall clock."""
    found = {1: 1.0}
    for node in plan.nodes:
        for child in node.children:
            inherited = found[node.number]
            is_input = child.relationship not in ("InitPlan", "SubPlan")
            gathered = node.kind in _GATHERS and is_input
            found[child.number] = inherited * (_side_by_side(node, child) if gathered else 1.0)
    return found


def _side_by_side(gather: Node, child: Node) -> float:
    """The wall clock of a Gather's input as a share of the sum over its processes.

    Every process runs the input once in each loop of the Gather, so its loops count the processes. Where
    figures of each worker are given, the slowest process is what the others were waited for.
    """
    if child.loops <= 0 or gather.loops <= 0:
        return 1.0
    total = _summed(child)
    workers = [_figure(worker, "Actual Total Time") * _figure(worker, "Actual Loops") for worker in _workers_of(child)]
    slowest = max([*workers, total - sum(workers)]) / total if any(workers) and total > 0 else 0.0
    share = max(min(1.0, gather.loops / child.loops), min(1.0, slowest))
    return min(share, _summed(gather) / total) if total > 0 else share


def _summed(node: Node) -> float:
    """The time of all loops, as it is printed: the sum over the processes."""
    average, loops = node.number_of("Actual Total Time"), node.loops
    return min(average * loops, LARGEST) if average > 0 and loops > 0 else 0.0


def _workers_of(node: Node) -> list[Mapping[str, object]]:
    value = node.properties.get("Workers")
    return [worker for worker in value if isinstance(worker, Mapping)] if isinstance(value, list | tuple) else []


def _figure(worker: Mapping[str, object], name: str) -> float:
    value = worker.get(name, 0)
    return float(value) if isinstance(value, int | float) else 0.0


def _last_numbers(plan: Plan) -> dict[int, int]:
    """The highest number in each node's subtree."""
    found: dict[int, int] = {}
    for node in reversed(plan.nodes):
        found[node.number] = found[node.children[-1].number] if node.children else node.number
    return found


def _users(plan: Plan) -> dict[str, list[Node]]:
    """The nodes that name an InitPlan (``InitPlan 1``, before version 17 ``$0``)."""
    found: dict[str, list[Node]] = {}
    for node in plan.nodes:
        names = {name or parameter for text in _texts(node) for name, parameter in _REFERENCE.findall(text)}
        for name in names:
            found.setdefault(name, []).append(node)
    return found


def _scans(plan: Plan) -> dict[int, list[Node]]:
    """The CTE Scans of each CTE, by the CTE's number: a name means the nearest declaration above."""
    declared: dict[int, dict[str, int]] = {}
    for node in plan.nodes:
        for child in node.children:
            if child.text("Subplan Name").startswith("CTE "):
                declared.setdefault(node.number, {})[child.text("Subplan Name")[4:]] = child.number
    found: dict[int, list[Node]] = {}
    for node in plan.nodes if declared else ():
        if node.kind == "CTE Scan":
            name, above = node.text("CTE Name"), node
            while name not in declared.get(above.number, {}) and above.number in plan.parents:
                above = plan.parents[above.number]
            owner = declared.get(above.number, {}).get(name)
            if owner is not None:
                found.setdefault(owner, []).append(node)
    return found


def _texts(node: Node) -> Iterator[str]:
    for name, value in node.properties.items():
        if name in _NOT_EVALUATED:
            continue
        if isinstance(value, str):
            yield value
        elif isinstance(value, list | tuple):
            yield from (item for item in value if isinstance(item, str))


def _references_to(node: Node) -> list[str]:
    name = node.text("Subplan Name").removeprefix("InitPlan ")
    return [name.split(" ")[0], *_RETURNS.findall(name)]
