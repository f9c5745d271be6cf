"""Hits put together: one finding for a rule and a component, or a rule and a path outside of components."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from knowledge.api.node import ApiHit, Kind, Node
from knowledge.rules.api_rule import ApiRule

Found = tuple[ApiRule, Node, ApiHit]
Pointer = tuple[str | int, ...]
SHOWN = 3


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
    if len(pointer) >= 3 and pointer[0] == "components":
        return f"{pointer[1]}/{pointer[2]}"
    sections = {"definitions": "schemas", "securityDefinitions": "securitySchemes"}
    if len(pointer) >= 2 and pointer[0] in ("definitions", "parameters", "responses", "securityDefinitions"):
        return f"{sections.get(str(pointer[0]), pointer[0])}/{pointer[1]}"
    return str(pointer[1]) if len(pointer) >= 2 and pointer[0] in ("paths", "webhooks") else ""


def collapse(found: Iterable[Found]) -> list[Group]:
    """The groups, in the order in which the document first gives rise to them."""
    groups: dict[tuple[str, str], tuple[ApiRule, list[Place]]] = {}
    for rule, node, hit in found:
        of = owner(node, hit)
        groups.setdefault((rule.id, of), (rule, []))[1].append(Place(node, hit))
    return [Group(rule, of, tuple(places)) for (_, of), (rule, places) in groups.items()]
