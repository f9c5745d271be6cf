"""Builds a plan from what JSON, YAML and XML have in common: properties that hold values, lists and groups."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from knowledge.formats.explain.error import PlanSyntaxError
from knowledge.formats.explain.limits import MAX_DEPTH, MAX_NODES
from knowledge.plan.model import Node, Plan, Trigger

_WRAPPED_LEVELS = 12
"""How deep in the rows and envelopes of other programs a plan is looked for."""


def plan_of(document: Mapping[str, Any], notation: str = "json", lines: Sequence[int] = ()) -> Plan:
    """The plan of one document of ``EXPLAIN``, or of a bare node.

    Args:
        document: what has ``Plan``, or ``Node Type``.
        notation: the notation it was written in.
        lines: the line of every ``Node Type`` in the order of the text.

    Raises:
        PlanSyntaxError: it is no plan, or one beyond all limits.
    """
    body = document.get("Plan", document)
    if not isinstance(body, Mapping) or "Node Type" not in body:
        raise PlanSyntaxError('there is no plan in it: nothing has a "Node Type"', lines[0] if lines else 1)
    builder = _Builder(_by_node(document, lines))
    root = builder.node(body, 0)
    beside = {name: value for name, value in document.items() if name not in ("Plan", "Triggers", "Query Text")}
    query = document.get("Query Text", "")
    return Plan(
        root,
        beside if body is not document else {},
        triggers=_triggers(document.get("Triggers"), builder.problems),
        notation=notation,
        query=query if isinstance(query, str) else "",
        problems=tuple(builder.problems),
    )


def documents_in(value: Any, depth: int = 0) -> Iterator[Mapping[str, Any]]:
    """Every plan document in a value, through lists, rows and other programs' envelopes."""
    if isinstance(value, Mapping):
        if isinstance(value.get("Plan"), Mapping) or "Node Type" in value:
            yield value
            return
        value = list(value.values())
    if isinstance(value, list) and depth < _WRAPPED_LEVELS:
        for item in value:
            yield from documents_in(item, depth + 1)


def texts_in(value: Any, depth: int = 0) -> Iterator[str]:
    """Every text in a value, in order: the rows of a plan that a program printed as JSON."""
    if isinstance(value, str):
        yield value
    elif depth < _WRAPPED_LEVELS and isinstance(value, Mapping):
        for item in value.values():
            yield from texts_in(item, depth + 1)
    elif depth < _WRAPPED_LEVELS and isinstance(value, list):
        for item in value:
            yield from texts_in(item, depth + 1)


class _Builder:
    """Counts nodes and keeps what could not be read."""

    def __init__(self, lines: Mapping[int, int]) -> None:
        self._lines = lines
        self._count = 0
        self.problems: list[str] = []

    def node(self, body: Mapping[str, Any], depth: int) -> Node:
        line = self._lines.get(id(body), 0)
        if depth > MAX_DEPTH:
            raise PlanSyntaxError(f"the plan is more than {MAX_DEPTH} levels deep", line or 1)
        self._count += 1
        number = self._count
        if number > MAX_NODES:
            raise PlanSyntaxError(f"the plan has more than {MAX_NODES} nodes", line or 1)
        below = body.get("Plans", [])
        if not isinstance(below, list):
            self._complain(line, '"Plans" is no list')
            below = []
        children = []
        for child in below:
            if isinstance(child, Mapping) and isinstance(child.get("Node Type"), str):
                children.append(self.node(child, depth + 1))
            else:
                self._complain(line, 'an entry of "Plans" is no node')
        properties = {name: value for name, value in body.items() if name != "Plans"}
        return Node(number, str(body["Node Type"]), properties, tuple(children), line)

    def _complain(self, line: int, message: str) -> None:
        self.problems.append(f"line {line or 1}: {message}")


def _by_node(value: Any, lines: Sequence[int]) -> dict[int, int]:
    """The line of every node, by the identity of its properties: nodes in the order of the text."""
    found: dict[int, int] = {}
    order: list[int] = []
    pending: list[Any] = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, _Named):
            order.append(item.owner)
        elif isinstance(item, Mapping):
            pending.extend(
                _Named(id(item)) if name == "Node Type" else inner for name, inner in reversed(list(item.items()))
            )
        elif isinstance(item, list):
            pending.extend(reversed(item))
    if len(order) == len(lines):
        found.update(zip(order, lines, strict=True))
    return found


class _Named:
    """The place of a ``Node Type`` in a walk over all values."""

    def __init__(self, owner: int) -> None:
        self.owner = owner


def _triggers(value: Any, problems: list[str]) -> tuple[Trigger, ...]:
    found = []
    for item in value if isinstance(value, list) else []:
        if not isinstance(item, Mapping):
            problems.append('line 1: an entry of "Triggers" is no trigger')
            continue
        time, calls = item.get("Time", 0.0), item.get("Calls", 0)
        found.append(
            Trigger(
                str(item.get("Trigger Name", "")),
                str(item.get("Relation", "")),
                str(item.get("Constraint Name", "")),
                float(time) if isinstance(time, int | float) else 0.0,
                int(calls) if isinstance(calls, int | float) else 0,
            )
        )
    return tuple(found)
