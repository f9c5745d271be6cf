"""Reads the first line of a node in text notation: its kind, what it works on, its figures.

The spelling is that of ``ExplainNode`` in PostgreSQL's ``explain.c``, turned back into the properties that
the other notations have for it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from knowledge.formats.explain.names import names_in
from knowledge.formats.explain.numbers import number
from knowledge.formats.explain.splitting import unquoted

_N = r"(-?[\d.]+(?:[eE]\+?\d+)?)"
_COST = re.compile(rf"\(cost={_N}\.\.{_N} +rows={_N} +width={_N}\)")
_ACTUAL = re.compile(rf"\(actual (?:time={_N}\.\.{_N} +)?rows={_N} +loops={_N}\)")
_FIGURES = ("(cost=", "(actual ", "(never executed)")
_IDENTIFIER = re.compile(r'"(?:[^"]|"")*"|[^\s."]+')
_JOIN_TYPES = ("Right Semi", "Right Anti", "Left", "Full", "Right", "Semi", "Anti")
_OPERATIONS = ("Insert", "Update", "Delete", "Merge")
_STRATEGIES = {
    "GroupAggregate": "Sorted",
    "HashAggregate": "Hashed",
    "MixedAggregate": "Mixed",
    "Aggregate": "Plain",
}
_TARGETS = {
    "Seq Scan": "Relation Name",
    "Sample Scan": "Relation Name",
    "Index Scan": "Relation Name",
    "Index Only Scan": "Relation Name",
    "Bitmap Heap Scan": "Relation Name",
    "Tid Scan": "Relation Name",
    "Tid Range Scan": "Relation Name",
    "Foreign Scan": "Relation Name",
    "Custom Scan": "Relation Name",
    "Function Scan": "Function Name",
    "Table Function Scan": "Table Function Name",
    "Values Scan": "",
    "Subquery Scan": "",
    "CTE Scan": "CTE Name",
    "WorkTable Scan": "CTE Name",
    "Named Tuplestore Scan": "Tuplestore Name",
}
_PLAIN = names_in(
    """
    Result|ProjectSet|Append|Merge Append|Recursive Union|BitmapAnd|BitmapOr|Gather|Gather Merge|Materialize|Memoize
    Sort|Incremental Sort|Group|WindowAgg|Unique|LockRows|Limit|Hash|Nested Loop|Merge Join|Hash Join|Result Cache
    """
)
_KINDS = tuple(sorted([*_TARGETS, "Bitmap Index Scan"], key=len, reverse=True))


@dataclass
class Head:
    """What the first line of a node says."""

    kind: str
    properties: dict[str, Any] = field(default_factory=dict)
    known: bool = True
    """Whether the kind is one of PostgreSQL's."""
    broken: str = ""
    """What of its figures could not be read."""


def read_head(text: str) -> Head:
    """The first line of a node, without its arrow."""
    at = min((place for place in (text.find(mark) for mark in _FIGURES) if place >= 0), default=len(text))
    head = _kind(text[:at].strip())
    _figures(text[at:].strip(), head)
    return head


def is_head(text: str) -> bool:
    """Whether a line without an arrow is the first line of a node: the root."""
    if any(mark in text for mark in _FIGURES[:2]) and text[0] not in "('\"-":
        return re.match(r"[A-Z][\w (),.\"*-]*?\((?:cost=|actual )", text) is not None
    head = _kind(text)
    return head.known


def _figures(text: str, head: Head) -> None:
    rest = text
    cost = _COST.search(text)
    if cost:
        _put(head, ("Startup Cost", "Total Cost", "Plan Rows", "Plan Width"), cost)
        rest = rest.replace(cost.group(), "", 1)
    actual = _ACTUAL.search(rest)
    if actual:
        _put(head, ("Actual Startup Time", "Actual Total Time", "Actual Rows", "Actual Loops"), actual)
        rest = rest.replace(actual.group(), "", 1)
    elif "(never executed)" in rest:
        head.properties |= {"Actual Rows": 0, "Actual Loops": 0}
        rest = rest.replace("(never executed)", "", 1)
    if rest.strip():
        head.broken = rest.strip()


def _put(head: Head, names: tuple[str, ...], match: re.Match[str]) -> None:
    for name, text in zip(names, match.groups(), strict=True):
        value = number(text) if text is not None else None
        if value is not None:
            head.properties[name] = value
        elif text is not None:
            head.broken = text


def worker_figures(text: str) -> dict[str, Any]:
    """``actual time=1.0..2.0 rows=3 loops=1`` of one worker; empty where it is something else."""
    head = Head("")
    match = _ACTUAL.match(f"({text.strip()})")
    if match:
        _put(head, ("Actual Startup Time", "Actual Total Time", "Actual Rows", "Actual Loops"), match)
    return head.properties


def _kind(text: str) -> Head:
    properties: dict[str, Any] = {"Parallel Aware": False, "Async Capable": False}
    if text.startswith("Parallel "):
        properties["Parallel Aware"] = True
        text = text.removeprefix("Parallel ")
    if text.startswith("Async "):
        properties["Async Capable"] = True
        text = text.removeprefix("Async ")
    for reader in (_plain, _aggregate, _join, _set_operation, _modification, _scan):
        head = reader(text)
        if head is not None:
            head.properties = {"Node Type": head.kind, **properties, **head.properties}
            return head
    return Head(text, {"Node Type": text, **properties}, known=False)


def _plain(text: str) -> Head | None:
    if text not in _PLAIN:
        return None
    joins = ("Nested Loop", "Merge Join", "Hash Join")
    return Head(text, {"Join Type": "Inner"} if text in joins else {})


def _aggregate(text: str) -> Head | None:
    partial, name = "Simple", text
    for mode in ("Partial", "Finalize"):
        if text.startswith(mode + " "):
            partial, name = mode, text.removeprefix(mode + " ")
    if name not in _STRATEGIES:
        return None
    return Head("Aggregate", {"Strategy": _STRATEGIES[name], "Partial Mode": partial})


def _join(text: str) -> Head | None:
    for method, kind in (("Nested Loop", "Nested Loop"), ("Merge", "Merge Join"), ("Hash", "Hash Join")):
        if text.startswith(method + " ") and text.endswith(" Join"):
            join_type = text[len(method) + 1 : -len(" Join")]
            if join_type in _JOIN_TYPES:
                return Head(kind, {"Join Type": join_type})
    return None


def _set_operation(text: str) -> Head | None:
    for method, strategy in (("SetOp ", "Sorted"), ("HashSetOp ", "Hashed")):
        if text.startswith(method):
            return Head("SetOp", {"Strategy": strategy, "Command": text.removeprefix(method)})
    return None


def _modification(text: str) -> Head | None:
    name = text.removeprefix("Foreign ")
    for operation in _OPERATIONS:
        if name.startswith(operation + " on "):
            target = read_target(name.removeprefix(operation + " on "), "Relation Name")
            return Head("ModifyTable" if name == text else "Foreign Scan", {"Operation": operation, **target})
    return None


def _scan(text: str) -> Head | None:
    for kind in _KINDS:
        if text == kind or text.startswith((kind + " ", kind + "(")):
            return _scan_of(kind, text[len(kind) :].strip())
    return None


def _scan_of(kind: str, rest: str) -> Head | None:
    properties: dict[str, Any] = {}
    if kind == "Custom Scan" and rest.startswith("("):
        provider, _, rest = rest[1:].partition(")")
        properties["Custom Plan Provider"] = provider
        rest = rest.strip()
    if kind == "Foreign Scan":
        properties["Operation"] = "Select"
    if kind in ("Index Scan", "Index Only Scan"):
        backward = rest.startswith("Backward ")
        properties["Scan Direction"] = "Backward" if backward else "Forward"
        rest = rest.removeprefix("Backward ")
        match = re.match(r'using ("(?:[^"]|"")*"|\S+)\s*', rest)
        if match:
            properties["Index Name"] = unquoted(match.group(1))
            rest = rest[match.end() :]
    if rest and not rest.startswith("on "):
        return None
    target = rest.removeprefix("on ").strip()
    if kind == "Bitmap Index Scan":
        properties["Index Name"] = unquoted(target)
    elif target:
        properties |= read_target(target, _TARGETS[kind])
    return Head(kind, properties)


def read_target(text: str, tag: str) -> dict[str, Any]:
    """``schema.name alias`` as properties; ``tag`` is the property of the name, or ``""`` for an alias alone."""
    words = [unquoted(word) for word in _IDENTIFIER.findall(text)]
    dotted = re.match(r'(?:"(?:[^"]|"")*"|[^\s."]+)\.', text) is not None
    if not words:
        return {}
    if not tag:
        return {"Alias": words[-1]}
    found: dict[str, Any] = {}
    if dotted and len(words) > 1:
        found["Schema"] = words.pop(0)
    if tag == "Function Name" and len(words) == 1 and not dotted:
        return {"Function Name": words[0], "Alias": words[0]}
    found[tag] = words[0]
    found["Alias"] = words[-1]
    return found
