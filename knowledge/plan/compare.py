"""Two plans of a query side by side: what is read, joined and sorted another way, and what that changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from knowledge.plan.model import Node, Plan
from knowledge.plan.reckoning import reckon

NOTABLE = 0.02
"""Share of the dearer plan below which a node's change is not worth a line."""


@dataclass(frozen=True)
class Change:
    """One step as it was and as it is; ``""`` where there was or is no such step."""

    what: str
    before: str
    after: str
    before_self: float = 0.0
    after_self: float = 0.0

    @property
    def weight(self) -> float:
        """How much the step's own figure moved."""
        return abs(self.after_self - self.before_self)


@dataclass(frozen=True)
class Comparison:
    """What changed from one plan to the other, the weightiest first."""

    unit: str
    """``ms`` where both plans were timed, ``cost`` where either was not (planner units, no time)."""
    before: float
    after: float
    changes: tuple[Change, ...]

    @property
    def factor(self) -> float:
        """How many times less the second one takes; under 1 where it takes more, 0 where nothing can be said."""
        return self.before / self.after if self.after and self.before else 0.0


Step = tuple[str, frozenset[str], int]
"""What a node does, over which of the query's tables, and the how-manieth of its like it is."""


def compare(before: Plan, after: Plan) -> Comparison:
    """What is different between two plans of one query."""
    timed = before.is_timed and after.is_timed
    old, new = _steps(before, timed=timed), _steps(after, timed=timed)
    old_total, new_total = _total(before, timed=timed), _total(after, timed=timed)
    worth_a_line = NOTABLE * max(old_total, new_total)
    changes = []
    for step in dict.fromkeys((*old, *new)):
        was, old_self = old.get(step, ("", 0.0))
        now, new_self = new.get(step, ("", 0.0))
        change = Change(_named(step), was, now, old_self, new_self)
        if was != now or change.weight > worth_a_line:
            changes.append(change)
    changes.sort(key=lambda change: -change.weight)
    return Comparison("ms" if timed else "cost", old_total, new_total, tuple(changes))


def _total(plan: Plan, *, timed: bool) -> float:
    if timed:
        return plan.execution_ms or reckon(plan)[1].inclusive_ms
    return plan.root.number_of("Total Cost")


def _steps(plan: Plan, *, timed: bool) -> dict[Step, tuple[str, float]]:
    figures = reckon(plan)
    tables = _tables_below(plan)
    seen: Counter[tuple[str, frozenset[str]]] = Counter()
    steps: dict[Step, tuple[str, float]] = {}
    for node in plan.nodes:
        purpose = (_purpose(node), tables[node.number])
        seen[purpose] += 1
        own = figures[node.number]
        steps[(*purpose, seen[purpose])] = (describe(node), own.self_ms if timed else own.self_cost)
    return steps


def _tables_below(plan: Plan) -> dict[int, frozenset[str]]:
    found: dict[int, frozenset[str]] = {}
    for node in reversed(plan.nodes):
        own = frozenset(filter(None, (node.alias or node.relation,)))
        found[node.number] = own.union(*(found[child.number] for child in node.children))
    return found


def _purpose(node: Node) -> str:
    """What a node is for, whichever way it does it."""
    kind = node.kind
    if kind.endswith("Scan"):
        return "index" if kind == "Bitmap Index Scan" else "read"
    if kind in ("Nested Loop", "Hash Join", "Merge Join"):
        return "join"
    if kind in ("Aggregate", "Group", "GroupAggregate", "HashAggregate", "Unique"):
        return "group"
    if kind in ("Sort", "Incremental Sort"):
        return "sort"
    return {"Gather": "gather", "Gather Merge": "gather"}.get(kind, kind.lower())


def _named(step: Step) -> str:
    purpose, tables, nth = step
    names = ", ".join(sorted(tables))
    return " ".join(filter(None, (purpose, names, f"({nth})" if nth > 1 else "")))


def describe(node: Node) -> str:
    """A node in the words EXPLAIN has for it: ``Index Scan using posts_idx on posts``."""
    return " ".join(_words(node))


def _words(node: Node) -> Iterator[str]:
    if node.properties.get("Parallel Aware") is True:
        yield "Parallel"
    yield node.kind
    if strategy := node.text("Strategy"):
        yield f"({strategy.lower()})"
    if (join := node.text("Join Type")) and join != "Inner":
        yield f"({join.lower()})"
    if node.index:
        yield f"using {node.index}"
    if node.relation:
        yield f"on {node.relation}"
