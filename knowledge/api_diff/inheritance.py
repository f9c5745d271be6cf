"""Kinds of a schema that no list names: components whose ``allOf`` refers to a schema with a discriminator.

OpenAPI 3.1, 4.8.25: such a schema stands for all that are built on it, told apart by the discriminator's value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from knowledge.api_diff.source import Place, Source
from knowledge.api_diff.spot import Pair, Spot

if TYPE_CHECKING:
    from knowledge.api_diff.schemas import Schemas

_LISTED = ("oneOf", "anyOf")


def kinds_by_base(source: Source) -> dict[int, dict[str, Place]]:
    """The named schemas built on another, by the identity of that one's value and by their own name."""
    found: dict[int, dict[str, Place]] = {}
    for name, written in source.top.child("components").members("schemas"):
        kind = source.follow(written).known_as(f"schemas/{name}")
        for member in kind.items("allOf"):
            base = source.follow(member)
            if base is not member and base.get("discriminator") is not None:
                found.setdefault(id(base.value), {})[name] = kind
    return found


def compare_kinds(schemas: Schemas, old: Place, new: Place, spot: Spot) -> None:
    """Emit what differs between the kinds of two schemas with a discriminator; a kind under a new name is the same."""
    if any(place.get("discriminator") is None or any(place.get(key) for key in _LISTED) for place in (old, new)):
        return
    first = dict(schemas.old.kinds.get(id(old.value), {}))
    second = dict(schemas.new.kinds.get(id(new.value), {}))
    for name in [name for name in first if name in second]:
        schemas.refer(Pair(first.pop(name), second.pop(name), spot.view, spot.unit, ""))
    for name, one in list(first.items()):
        same = next((other for other in second if schemas.probe(one, second[other], spot.view)[1] == 0), "")
        if same:
            del first[name], second[same]
    for name, one in first.items():
        schemas.say("alternative-removed", spot.at(spot.path, one.pointer, spot.new), was=name)
    for name, other in second.items():
        schemas.say("alternative-added", spot.at(spot.path, spot.old, other.pointer), now=name)
