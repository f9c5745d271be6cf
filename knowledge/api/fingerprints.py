"""What tells one hit from another in the next revision of a document: no line, no index, no order."""

from __future__ import annotations

import hashlib

from knowledge.api.collapse import Place
from knowledge.api.node import Kind, Node
from knowledge.rules.api_rule import ApiRule

BY_KEY = frozenset({Kind.PARAMETER, Kind.TAG})


def fingerprint(rule: ApiRule, owner: str, place: Place) -> str:
    """``rule owner hash``, in the form that :mod:`knowledge.baseline` keeps; moving or reordering changes nothing."""
    words = "/".join([*stable(place), place.hit.subject])
    digest = hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"{rule.id} {owner or '-'} {digest}"


def stable(place: Place) -> list[str]:
    """The way to a hit, with names where the document counts: of parameters and tags; other indexes are left out."""
    if place.hit.at is not None:
        return _named(place.hit.at)
    chain: list[Node] = []
    node: Node | None = place.node
    while node is not None:
        chain.append(node)
        node = node.parent
    found: list[str] = []
    for step in reversed(chain):
        found += [step.kind, step.key] if step.kind in BY_KEY else _named(step.steps)
    return found + _named(place.hit.steps)


def _named(steps: tuple[str | int, ...]) -> list[str]:
    return [step if isinstance(step, str) else "*" for step in steps]
