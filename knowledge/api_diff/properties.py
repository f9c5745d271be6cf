"""Differences of the named properties of two branches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from knowledge.api_diff.change import Direction, Level
from knowledge.api_diff.shape import Branch, Shape
from knowledge.api_diff.source import Place
from knowledge.api_diff.spot import Pair, Spot

if TYPE_CHECKING:
    from knowledge.api_diff.canon import Canon
    from knowledge.api_diff.schemas import Schemas


def property_changes(schemas: Schemas, old: Branch, new: Branch, spot: Spot) -> None:
    """Emit what differs between properties, required names and named patterns of two branches."""
    first, second = _named(schemas.old, old), _named(schemas.new, new)
    for name, place in first.items():
        if name in second:
            _common(schemas, name, place, second[name], old, new, spot)
        else:
            _removed(schemas, name, place, old, new, spot)
    for name, place in second.items():
        if name not in first:
            _added(schemas, name, place, old, new, spot)
    for name in sorted(old.required ^ new.required):
        if name not in first and name not in second:
            what = "property-required" if name in new.required else "property-optional"
            schemas.say(what, spot.at(_path(spot, name), spot.old, spot.new))
    _patterns(schemas, old, new, spot)


def _path(spot: Spot, name: str) -> str:
    return f"{spot.path}.{name}" if spot.path else name


def _named(canon: Canon, branch: Branch) -> dict[str, Place]:
    """The properties that may be there; one that admits nothing is not, where nothing unnamed is admitted either."""
    found = branch.maps.get("properties", {})
    if not _closed(canon, branch):
        return found
    return {name: place for name, place in found.items() if place.value is not False}


def _closed(canon: Canon, branch: Branch) -> bool:
    place = branch.single.get("additionalProperties")
    if place is None or "patternProperties" in branch.maps:
        return False
    return place.value is False or not canon.shape(place).branches


def _hidden(shape: Shape, spot: Spot) -> bool:
    return shape.hidden_from == spot.view.direction


def _common(schemas: Schemas, name: str, one: Place, other: Place, old: Branch, new: Branch, spot: Spot) -> None:
    before, after = schemas.old.shape(one), schemas.new.shape(other)
    at = spot.at(_path(spot, name), one.pointer, other.pointer)
    _mutability(schemas, before, after, name in old.required, name in new.required, at)
    if _hidden(before, spot) or _hidden(after, spot):
        return
    if (name in old.required) != (name in new.required):
        schemas.say("property-required" if name in new.required else "property-optional", at)
    if one.value is not other.value:
        schemas.later(Pair(one, other, spot.view, spot.unit, at.path))


def _mutability(schemas: Schemas, old: Shape, new: Shape, was_required: bool, required: bool, at: Spot) -> None:
    for keyword, name, direction in (
        ("readOnly", "read-only", Direction.REQUEST),
        ("writeOnly", "write-only", Direction.RESPONSE),
    ):
        before, after = old.notes.get(keyword) is True, new.notes.get(keyword) is True
        if before == after:
            continue
        needed = (was_required if after else required) and at.view.direction is direction
        schemas.say(f"{'required-' if needed else ''}{name}-{'added' if after else 'removed'}", at)


def _added(schemas: Schemas, name: str, place: Place, old: Branch, new: Branch, spot: Spot) -> None:
    if _hidden(schemas.new.shape(place), spot) or place.value is False:
        return
    at = spot.at(_path(spot, name), spot.old, place.pointer)
    closed = _closed(schemas.old, old)
    if name in new.required and name not in old.required:
        is_risky = closed and spot.view.direction is Direction.RESPONSE
        schemas.say("required-property-added", at, level=Level.RISKY if is_risky else None)
        return
    schemas.say("closed-property-added" if closed else "property-added", at)
    fallback = old.single.get("additionalProperties")
    if fallback is not None and not closed and "patternProperties" not in old.maps:
        schemas.later(Pair(fallback, place, spot.view, spot.unit, at.path))


def _removed(schemas: Schemas, name: str, place: Place, old: Branch, new: Branch, spot: Spot) -> None:
    before = schemas.old.shape(place)
    if _hidden(before, spot) or place.value is False:
        return
    at = spot.at(_path(spot, name), place.pointer, spot.new)
    closed = _closed(schemas.new, new)
    if name in old.required and name not in new.required:
        rejects = closed and spot.view.direction is Direction.REQUEST
        schemas.say("required-property-removed", at, level=Level.BREAKING if rejects else None)
        return
    schemas.say("closed-property-removed" if closed else "property-removed", at)
    fallback = new.single.get("additionalProperties")
    if fallback is not None and not closed and "patternProperties" not in new.maps:
        schemas.later(Pair(place, fallback, spot.view, spot.unit, at.path))


def _patterns(schemas: Schemas, old: Branch, new: Branch, spot: Spot) -> None:
    first, second = old.maps.get("patternProperties", {}), new.maps.get("patternProperties", {})
    for pattern in sorted(first.keys() | second.keys()):
        if pattern in first and pattern in second:
            path = _path(spot, f"/{pattern}/")
            schemas.later(Pair(first[pattern], second[pattern], spot.view, spot.unit, path))
            continue
        added = pattern in second
        branch = old if added else new
        place = branch.single.get("additionalProperties")
        closed = "closed-" if place is not None and place.value is False else ""
        what = f"{closed}pattern-property-{'added' if added else 'removed'}"
        schemas.say(what, spot, *(("", f"`{pattern}`") if added else (f"`{pattern}`", "")))
