"""What is said about a value beside what it may be: its default, its lifecycle, how alternatives are told apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from knowledge.api_diff.change import Level
from knowledge.api_diff.lifecycle import lifecycle_changes
from knowledge.api_diff.shape import Shape, text_of
from knowledge.api_diff.source import Place

if TYPE_CHECKING:
    from knowledge.api_diff.schemas import Schemas
    from knowledge.api_diff.spot import Spot


def note_changes(schemas: Schemas, old: Shape, new: Shape, spot: Spot) -> None:
    """Emit what differs between the annotations of two schemas that a client may rely on."""
    if old.notes == new.notes:
        return
    _default(schemas, old.notes, new.notes, spot)
    for what, was, now, level in lifecycle_changes(old.notes, new.notes, schemas.today):
        schemas.say(what, spot, was, now, level=level)
    _discriminator(schemas, old.notes.get("discriminator"), new.notes.get("discriminator"), spot)


def _default(schemas: Schemas, old: Mapping[str, Any], new: Mapping[str, Any], spot: Spot) -> None:
    was = text_of(old["default"]) if "default" in old else ""
    now = text_of(new["default"]) if "default" in new else ""
    if was == now:
        return
    what = "default-changed" if was and now else "default-added" if now else "default-removed"
    level = None
    if spot.view.area == "parameters":
        level = Level.RISKY if what == "default-added" else Level.BREAKING
    advice = f"Requests without it may be treated as {now}: send what you mean." if level is Level.RISKY else ""
    schemas.say(what, spot, was, now, level=level, advice=advice)


def _discriminator(schemas: Schemas, old: Any, new: Any, spot: Spot) -> None:
    was, now = _property(old), _property(new)
    if not was or not now:
        if was or now:
            schemas.say("discriminator-added" if now else "discriminator-removed", spot, was, now)
        return
    if was != now:
        schemas.say("discriminator-changed", spot, was, now)
        return
    first, second = _mapping(old), _mapping(new)
    if not first or not second:
        return  # the names of the components stand for an absent mapping, and renaming one is no change of the rest
    for value in first.keys() - second.keys():
        schemas.say("mapping-removed", spot, was=value)
    for value in second.keys() - first.keys():
        schemas.say("mapping-added", spot, now=value)
    for value in sorted(first.keys() & second.keys()):
        one, other = _target(first[value], spot.old), _target(second[value], spot.new)
        if first[value] != second[value] and schemas.probe(one, other, spot.view)[1]:
            schemas.say("mapping-changed", spot, value, value)


def _property(discriminator: Any) -> str:
    if isinstance(discriminator, Mapping):
        return str(discriminator.get("propertyName") or "")
    return discriminator if isinstance(discriminator, str) else ""


def _mapping(discriminator: Any) -> dict[str, str]:
    found = discriminator.get("mapping") if isinstance(discriminator, Mapping) else None
    return {str(value): str(target) for value, target in found.items()} if isinstance(found, Mapping) else {}


def _target(target: str, pointer: tuple[str | int, ...]) -> Place:
    reference = target if "#" in target or "/" in target or "." in target else f"#/components/schemas/{target}"
    return Place({"$ref": reference}, pointer)
