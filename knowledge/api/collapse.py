"""Hits put together: one finding for a rule and a component, or a rule and a path outside of components."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from knowledge.api.node import ApiHit, Kind, Node
from knowledge.api.references import FileStep
from knowledge.report import Severity
from knowledge.rules.api_rule import ApiRule

Found = tuple[ApiRule, Node, ApiHit]
Pointer = tuple[str | int, ...]
SHOWN = 3
"""Places of a group that are named."""
OWNERS_SHOWN = 3
"""Groups of one rule that are told one by one; of a rule of low severity all are told as one."""

_OLD_SECTIONS = {
    "definitions": "schemas",
    "securityDefinitions": "securitySchemes",
    "parameters": "parameters",
    "responses": "responses",
}


@dataclass(frozen=True, slots=True)
class Place:
    """One hit and where it stands."""

    node: Node
    hit: ApiHit

    @property
    def pointer(self) -> Pointer:
        """From the root to what is at fault."""
        return self.hit.at if self.hit.at is not None else self.node.pointer + self.hit.steps


@dataclass(frozen=True, slots=True)
class Group:
    """What one rule found in one component or path, in the order of the document."""

    rule: ApiRule
    owner: str
    """``schemas/User``, ``/orders/{id}``, the name of a webhook, or empty for the document itself."""
    places: tuple[Place, ...]
    folded: tuple[str, ...] = ()
    """Owners whose places are in this group beside its own, where a rule has too many to tell one by one."""

    @property
    def worst(self) -> tuple[Place, ...]:
        """The places to show: of different subjects first, then in the order of the document."""
        seen: Counter[str] = Counter()
        ranked = []
        for number, place in enumerate(self.places):
            ranked.append((seen[place.hit.subject], number, place))
            seen[place.hit.subject] += 1
        return tuple(place for _, _, place in sorted(ranked, key=lambda item: item[:2])[:SHOWN])


def owner(node: Node, hit: ApiHit) -> str:
    """The component or path that a hit belongs to."""
    if hit.at is not None:
        return _owner_at(hit.at)
    if node.component:
        return node.component
    if node.path:
        return node.path
    callback = node if node.kind is Kind.CALLBACK else node.above(Kind.CALLBACK)
    return callback.key if callback is not None else ""


def _owner_at(pointer: Pointer) -> str:
    """The same from a pointer alone; definitions of 2.0 count as the components they are."""
    if pointer and type(pointer[0]) is FileStep:
        return str(pointer[0])
    if len(pointer) >= 3 and pointer[0] == "components":
        return f"{pointer[1]}/{pointer[2]}"
    if len(pointer) < 2:
        return ""
    section = _OLD_SECTIONS.get(str(pointer[0]))
    if section:
        return f"{section}/{pointer[1]}"
    return str(pointer[1]) if pointer[0] in ("paths", "webhooks", "x-webhooks") else ""


def collapse(found: Iterable[Found]) -> list[Group]:
    """The groups, in the order in which the document first gives rise to them."""
    groups: dict[tuple[str, str], tuple[ApiRule, list[Place]]] = {}
    for rule, node, hit in found:
        of = owner(node, hit)
        groups.setdefault((rule.id, of), (rule, []))[1].append(Place(node, hit))
    return [Group(rule, of, tuple(places)) for (_, of), (rule, places) in groups.items()]


def fold(groups: Iterable[Group], shown: int = OWNERS_SHOWN) -> list[Group]:
    """At most ``shown`` groups a rule, those with most places; one more for all the others of the rule.

    Of rules of low severity there is one group: each place is in findings.json, and none of them is urgent.
    """
    by_rule: dict[str, list[Group]] = {}
    for group in groups:
        by_rule.setdefault(group.rule.id, []).append(group)
    found: list[Group] = []
    for of_rule in by_rule.values():
        most = 0 if of_rule[0].rule.severity is Severity.LOW else shown
        if len(of_rule) <= most + 1:
            found += of_rule
            continue
        ranked = sorted(of_rule, key=lambda group: -len(group.places))  # stable: the document decides between equals
        kept = {id(group) for group in ranked[:most]}
        rest = [group for group in of_rule if id(group) not in kept]
        places = tuple(place for group in rest for place in group.places)
        found += [group for group in of_rule if id(group) in kept]
        found.append(Group(rest[0].rule, rest[0].owner, places, tuple(group.owner for group in rest[1:])))
    return found
