"""What one step of a plan does, in plain words, for a reader who does not speak EXPLAIN."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from knowledge.plan.model import Node, Plan
from knowledge.plan.other_engines import mongodb_sentence, sqlite_sentence
from knowledge.plan.words import amount, counted, shortened, size, source

UNEXPECTED = 10
"""Times the estimate from which the expectation is told beside the rows there were."""

LEAST_UNEXPECTED = 100
"""Rows, expected or found, below which it is not."""

_LITERAL_CAST = re.compile(
    r"('(?:[^']|'')*')::(?:\"[^\"]+\"|[a-z_]\w*(?: (?:without|with) time zone| varying)?)(\[\])?"
)
_ENGINES: Mapping[str, Callable[[Node], str]] = {"sqlite": sqlite_sentence, "mongodb": mongodb_sentence}
_OF_OTHERS = frozenset({"Sort", "Incremental Sort", "Limit", "ModifyTable", "WindowAgg", "LockRows", "Result"})
"""Steps whose sentence tells rows that come in, or whose rows are told below: a wrong estimate is told there."""

_STOPPING = frozenset({"Semi", "Anti"})
_TAKES_ALL = frozenset({"Sort", "Aggregate", "Hash", "WindowAgg", "SetOp", "ModifyTable", "Bitmap Heap Scan"})


@dataclass(frozen=True)
class Step:
    """A node in its surroundings."""

    plan: Plan
    node: Node

    @property
    def measured(self) -> bool:
        """Whether its rows were counted."""
        return self.node.is_measured

    @property
    def processes(self) -> float:
        """Processes that shared the work: the leader and its workers, 1 where it was not shared."""
        parent = self.plan.parents.get(self.node.number)
        while parent is not None:
            if parent.kind in ("Gather", "Gather Merge"):
                return parent.number_of("Workers Launched", parent.number_of("Workers Planned")) + 1
            parent = self.plan.parents.get(parent.number)
        return 1

    @property
    def runs(self) -> float:
        """How often it was started anew; processes that share one run count as one."""
        alone = bool(self.node.relation) and not self.node.properties.get("Parallel Aware")
        if not self.measured or (not alone and self.node.loops <= self.processes):
            return 1
        return max(1.0, self.node.loops)

    @property
    def rows(self) -> float:
        """Rows it returned over all runs, or the estimate for one."""
        if not self.measured:
            return self.node.estimated_rows
        return self.node.all_rows if self.node.loops == 1 else round(self.node.all_rows)

    @property
    def examined(self) -> float:
        """Rows it looked at over all runs."""
        names = ("Rows Removed by Filter", "Rows Removed by Index Recheck", "Rows Removed by Join Filter")
        return self.rows + sum(self.node.number_of(name) for name in names) * self.node.loops

    @property
    def looked_at(self) -> str:
        """The same in words: the rows removed are a whole number for each loop, so that over loops it is not exact."""
        if self.node.loops <= 1 or self.examined == self.rows:
            return counted(self.examined, "row")
        digits = len(str(int(self.examined)))
        return f"about {counted(round(self.examined, min(0, 4 - digits)), 'row')}"

    @property
    def may_stop_early(self) -> bool:
        """Whether something above may stop asking before it has given all rows."""
        node = self.node
        while (parent := self.plan.parents.get(node.number)) is not None and parent.kind not in _TAKES_ALL:
            inner = parent.kind == "Nested Loop" and node.relationship == "Inner"
            if parent.kind in ("Limit", "Merge Join") or (inner and parent.text("Join Type") in _STOPPING):
                return True
            node = parent
        return False

    @property
    def each_time(self) -> str:
        """Words for an estimate that holds for each of several runs: the inner side of a nested loop."""
        parent = self.plan.parents.get(self.node.number)
        inner = parent is not None and parent.kind == "Nested Loop" and self.node.relationship == "Inner"
        return " each time" if inner and not self.measured else ""

    def returned(self, one: str = "row") -> str:
        """The rows it returned, or is expected to return."""
        if self.measured:
            # Up to 17 the average of a loop was a whole number, so that the product is not exact.
            rounded = self.node.loops > 1 and self.rows > 0 and isinstance(self.node.properties.get("Actual Rows"), int)
            return ("about " if rounded else "") + counted(self.rows, one)
        return f"about {counted(self.rows, one)}" if self.node.has_costs else f"its {one}s"

    @property
    def unexpected(self) -> str:
        """What the planner had expected, where that was far from the rows there were; else ``""``."""
        if not self.measured or not self.node.has_costs or self.may_stop_early:
            return ""
        expected = self.node.estimated_rows * self.node.loops
        more, less = max(expected, self.rows), min(expected, self.rows)
        if more < LEAST_UNEXPECTED or more < UNEXPECTED * max(1.0, less):
            return ""
        return f", where {amount(expected)} {'was' if expected == 1 else 'were'} expected"


def sentence(plan: Plan, node: Node) -> str:
    """What the node does, without a full stop."""
    step = Step(plan, node)
    if node.never_executed:
        return f"Never runs: {node.kind}{_of(node)}"
    if plan.engine in _ENGINES:
        return _ENGINES[plan.engine](node)
    return _SAYINGS.get(node.kind, _other)(step) + ("" if node.kind in _OF_OTHERS else step.unexpected)


def plain(condition: str) -> str:
    """A condition as people write it: no outer brackets, no casts of literals, one short line."""
    text = _LITERAL_CAST.sub(r"\1", condition).strip()
    while text.startswith("(") and text.endswith(")") and _closes_at_end(text):
        text = text[1:-1].strip()
    if text.startswith("(") and text.endswith(")") and ") AND (" in text and " OR " not in text:
        text = text[1:-1].replace(") AND (", " AND ")
    return shortened(text)


def _closes_at_end(text: str) -> bool:
    depth = 0
    for position, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return position == len(text) - 1
    return False


def tables(node: Node, most: int = 3) -> str:
    """What a part of the plan reads: ``orders and items``, ``a, b, c and 4 more``; ``""`` for nothing."""
    found = list(dict.fromkeys(shortened(name, 40) for below in node.walk() if (name := source(below))))
    if len(found) > most:
        return f"{', '.join(found[:most])} and {len(found) - most} more"
    return " and ".join((", ".join(found[:-1]), found[-1]) if len(found) > 1 else found)


def _of(node: Node, word: str = " of ") -> str:
    name = shortened(source(node), 80)
    return f"{word}{name}" if name else ""


def _where(node: Node, *names: str) -> str:
    said = [plain(node.text(name)) for name in names if node.text(name)]
    return f" ({shortened(' and '.join(said), 90)})" if said else ""


def _seq_scan(step: Step) -> str:
    node, where = step.node, _where(step.node, "Filter")
    if not step.measured:
        if step.may_stop_early:
            return f"Reads{_of(node, ' ')} as far as needed{where}"
        return f"Reads the whole{_of(node)}{step.each_time}" + (
            f" and keeps {step.returned()}{where}" if where else f", {step.returned()}"
        )
    if step.runs > 1:
        each = counted(step.examined / step.runs, "row")
        kept = f", and keeps {step.returned()} in all{where}" if where else ""
        return f"Reads{_of(node, ' ')} {amount(step.runs)} times, {each} each time{kept}"
    rows = step.looked_at if where else step.returned()
    every = "" if step.may_stop_early or rows.startswith("about") else "all "
    if not where:
        return f"Reads {every}{rows}{_of(node)}"
    return f"Reads {every}{rows}{_of(node)} and keeps {step.returned()}{where}"


def _index_scan(step: Step) -> str:
    node = step.node
    alone = " alone" if node.kind == "Index Only Scan" else ""
    index = f"index {shortened(node.index, 60)}{alone}" if node.index else f"an index{alone}"
    where = _where(node, "Index Cond")
    kept = f"; {step.looked_at} were looked at" if step.measured and step.examined >= 2 * step.rows + 10 else ""
    if step.runs > 1:
        return (
            f"Looks into {index}{_of(node)} {amount(step.runs)} times and finds {step.returned()} in all{where}{kept}"
        )
    if not where and not step.measured and step.may_stop_early:
        return f"Reads{_of(node, ' ')} in the order of {index} as far as needed{_where(node, 'Filter')}"
    if not where:
        return f"Reads {step.returned()}{_of(node)} in the order of {index}{_where(node, 'Filter')}{kept}"
    return f"Finds {step.returned()}{_of(node)}{step.each_time} by {index}{where}{kept}"


def _bitmap(step: Step) -> str:
    node = step.node
    used = list(dict.fromkeys(below.index for below in node.walk() if below.index))
    by = f" by index {shortened(' and '.join(used), 80)}" if used else ""
    times = f" in {amount(step.runs)} runs" if step.runs > 1 else ""
    kept = f"; {step.looked_at} were looked at" if step.measured and step.examined >= 2 * step.rows + 10 else ""
    return f"Collects {step.returned()}{_of(node)}{times}{by}{_where(node, 'Recheck Cond')}{kept}"


def _join(step: Step) -> str:
    node = step.node
    sides = [child for child in node.children if child.relationship in ("Outer", "Inner", "")]
    what = tables(node) if len(sides) < 2 else f"{_side(sides[0])} with {_side(sides[1])}"
    way = {"Hash Join": "by hashing", "Merge Join": "in sorted order"}.get(node.kind, "row by row")
    kind = {"Anti": ", keeping what has no partner", "Semi": ", keeping what has a partner"}
    where = _where(node, "Hash Cond", "Merge Cond", "Join Filter")
    return f"Joins {what} {way}{where}{kind.get(node.text('Join Type'), '')}: {step.returned()}"


def _side(node: Node) -> str:
    return tables(node, 2) or "a computed result"


def _incoming(step: Step) -> str:
    mains = [child for child in step.node.children if child.relationship in ("Outer", "Member", "")]
    if not mains or not (step.measured or step.node.has_costs):
        return "the rows"
    inner = Step(step.plan, mains[0])
    return counted(inner.rows, "row") if step.measured else f"about {counted(inner.rows, 'row')}"


def _sort(step: Step) -> str:
    node = step.node
    disk = node.text("Sort Space Type") == "Disk"
    place = f", on disk ({size(1024 * node.number_of('Sort Space Used'))})" if disk else ""
    by = f" by {shortened(node.text('Sort Key'))}" if node.text("Sort Key") else ""
    again = f", in {amount(step.runs)} runs" if step.runs > 1 else ""
    return f"Sorts {_incoming(step)}{by}{place}{again}"


def _aggregate(step: Step) -> str:
    node = step.node
    keys = node.text("Group Key")
    each = ", each process its part" if node.text("Partial Mode") == "Partial" else ""
    disk = f", partly on disk ({size(1024 * node.number_of('Disk Usage'))})" if node.number_of("Disk Usage") else ""
    if not keys:
        into = "one" if step.rows <= 1 else amount(step.rows)
        return f"Condenses {_incoming(step)} into {into}{each}"
    return f"Groups {_incoming(step)} by {shortened(keys)}: {step.returned('group')}{each}{disk}"


def _limit(step: Step) -> str:
    return f"Stops after {counted(step.rows, 'row')}" if step.measured or step.node.has_costs else "Stops early"


def _modify(step: Step) -> str:
    node = step.node
    verb = {"Insert": "Inserts", "Update": "Updates", "Delete": "Deletes", "Merge": "Merges"}.get(
        node.text("Operation"), "Writes"
    )
    into = " into " if verb in ("Inserts", "Merges") else " of "
    return f"{verb} {_incoming(step)}{_of(node, into)}"


def _gather(step: Step) -> str:
    node = step.node
    workers = node.number_of("Workers Launched", node.number_of("Workers Planned"))
    order = " in order" if node.kind == "Gather Merge" else ""
    return f"Collects {step.returned()}{order} from {counted(workers + 1, 'process', 'processes')}"


def _append(step: Step) -> str:
    parts = counted(len(step.node.children), "part")
    return f"Puts the results of {parts} together: {step.returned()}"


def _materialize(step: Step) -> str:
    if step.runs > 1:
        return f"Keeps a result and reads it again {amount(step.runs)} times: {step.returned()} in all"
    return f"Keeps {step.returned()} for later"


def _reading(step: Step) -> str:
    times = f" {amount(step.runs)} times" if step.runs > 1 else ""
    return (
        f"Reads {step.returned()} from{_of(step.node, ' ') or ' a computed result'}{times}{_where(step.node, 'Filter')}"
    )


def _simple(verb: str, *, counts: bool = False) -> Callable[[Step], str]:
    def say(step: Step) -> str:
        return f"{verb} {_incoming(step)}" + (f": {step.returned()}" if counts else "")

    return say


def _result(step: Step) -> str:
    fed = any(child.relationship in ("Outer", "Member", "") for child in step.node.children)
    return f"Computes the output of {_incoming(step)}" if fed else "Computes the result"


def _other(step: Step) -> str:
    """Any other step, in PostgreSQL's own words."""
    detail = step.node.kind
    reads = _of(step.node, " on ") if source(step.node) not in detail else ""
    counts = f": {step.returned()}" if step.measured or step.node.has_costs else ""
    return f"{shortened(detail, 120)}{reads}{counts}"


_SAYINGS: Mapping[str, Callable[[Step], str]] = {
    "Seq Scan": _seq_scan,
    "Sample Scan": _seq_scan,
    "Foreign Scan": _reading,
    "Index Scan": _index_scan,
    "Index Only Scan": _index_scan,
    "Bitmap Heap Scan": _bitmap,
    "Hash Join": _join,
    "Merge Join": _join,
    "Nested Loop": _join,
    "Sort": _sort,
    "Incremental Sort": _sort,
    "Aggregate": _aggregate,
    "Limit": _limit,
    "ModifyTable": _modify,
    "Gather": _gather,
    "Gather Merge": _gather,
    "Append": _append,
    "Merge Append": _append,
    "Recursive Union": _simple("Repeats a step until it finds no more rows, beginning with", counts=True),
    "Unique": _simple("Removes repetitions from", counts=True),
    "Result": _result,
    "ProjectSet": _result,
    "SetOp": _simple("Compares two results, the first of", counts=True),
    "WindowAgg": _simple("Computes window functions over"),
    "LockRows": _simple("Locks"),
    "Materialize": _materialize,
    "Memoize": _simple("Remembers look-ups into", counts=True),
    "CTE Scan": _reading,
    "Subquery Scan": _reading,
    "Function Scan": _reading,
    "Table Function Scan": _reading,
    "Values Scan": _reading,
    "WorkTable Scan": _reading,
}
