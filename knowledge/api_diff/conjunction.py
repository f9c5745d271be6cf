"""Several schemas that hold at once as one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from knowledge.api_diff.admission import admits
from knowledge.api_diff.own import fits, whole_bound
from knowledge.api_diff.shape import Both, Bound, Branch, type_of
from knowledge.api_diff.source import Place


def conjoin(one: Branch, other: Branch) -> Branch | None:
    """The values that both admit, as one branch; ``None`` where their types exclude each other."""
    if one.bare and one.kind in ("any", other.kind) and not (other.implied and one.kind != "any"):
        return other
    if other.bare and other.kind in ("any", one.kind) and not (one.implied and other.kind != "any"):
        return one
    if one.kind == "enum" or other.kind == "enum":
        return _enumerated(one, other)
    kind = _kind(one, other)
    if not kind:
        return None
    whole = kind == "integer"
    held = one.place if one.kind == kind else other.place
    place = Place(held.value, held.pointer)
    additional = _additional(one, other)
    if additional is None:  # which names are additional depends on patterns: kept apart
        return replace(one, kind=kind, place=place, rest=(*one.rest, other.place))
    properties, closed = additional
    prefix, items = _items(one, other)
    maps: dict[str, dict[str, Place]] = {
        key: _joined(one.maps.get(key, {}), other.maps.get(key, {}))
        for key in ("patternProperties", "dependentSchemas")
        if key in one.maps or key in other.maps
    }
    single = {**_joined(one.single, other.single), **closed, **items}
    return Branch(
        kind,
        place,
        implied=one.implied and other.implied,
        least={name: max(one.least.get(name, 0), other.least.get(name, 0)) for name in {**one.least, **other.least}},
        most={
            name: min(one.most.get(name, float("inf")), other.most.get(name, float("inf")))
            for name in {**one.most, **other.most}
        },
        minimum=_tighter(one.minimum, other.minimum, 1, whole),
        maximum=_tighter(one.maximum, other.maximum, -1, whole),
        sets={
            name: one.sets.get(name, frozenset()) | other.sets.get(name, frozenset())
            for name in {**one.sets, **other.sets}
        },
        unique=one.unique or other.unique,
        required=one.required | other.required,
        dependent={
            name: one.dependent.get(name, frozenset()) | other.dependent.get(name, frozenset())
            for name in {**one.dependent, **other.dependent}
        },
        maps={**maps, **({"properties": properties} if properties else {})},
        single=single,
        prefix=prefix,
        contains=one.contains + other.contains,
        excluded=one.excluded + other.excluded,
        conditions=one.conditions + other.conditions,
        rest=one.rest + other.rest,
    )


def _kind(one: Branch, other: Branch) -> str:
    kinds = {one.kind, other.kind}
    if len(kinds) == 1:
        return one.kind
    if "any" in kinds:
        return other.kind if one.kind == "any" else one.kind
    return "integer" if kinds == {"integer", "number"} else ""


def _enumerated(one: Branch, other: Branch) -> Branch | None:
    first, second = (one, other) if one.kind == "enum" else (other, one)
    values: Mapping[str, Any] = first.values or {}
    if second.kind == "enum":
        kept = {name: item for name, item in values.items() if name in (second.values or {})}
    else:
        kinds = [second.kind]
        kept = {name: item for name, item in values.items() if fits(type_of(item), kinds) and admits(second, item)}
    if not kept:
        return None
    place = Place(first.place.value, first.place.pointer)
    structured = second.kind != "enum" and (second.maps or second.single or second.prefix or second.contains)
    return replace(
        first,
        place=place,
        values=kept,
        excluded=first.excluded + second.excluded,
        conditions=first.conditions + second.conditions,
        rest=first.rest + second.rest + ((second.place,) if structured else ()),
    )


def _tighter(one: Bound | None, other: Bound | None, sign: int, whole: bool) -> Bound | None:
    found = [bound for bound in (one, other) if bound is not None]
    if not found:
        return None
    bound = max(found, key=lambda item: (sign * item[0], item[1]))
    return whole_bound(bound, sign) if whole else bound


def both(*places: Place) -> Place:
    """A place where all of ``places`` hold."""
    return places[0] if len(places) == 1 else Place(Both(places), places[0].pointer)


def _joined(one: Mapping[str, Place], other: Mapping[str, Place]) -> dict[str, Place]:
    made = {**other, **one}
    for name in one.keys() & other.keys():
        made[name] = both(one[name], other[name])
    return made


def _additional(one: Branch, other: Branch) -> tuple[dict[str, Place], dict[str, Place]] | None:
    """Properties and additionalProperties of both: what one does not name, its additionalProperties judges."""
    mine, theirs = one.maps.get("properties", {}), other.maps.get("properties", {})
    first, second = one.single.get("additionalProperties"), other.single.get("additionalProperties")
    if (first and "patternProperties" in one.maps) or (second and "patternProperties" in other.maps):
        return None
    if (first and "patternProperties" in other.maps) or (second and "patternProperties" in one.maps):
        return None
    made = _joined(mine, theirs)
    for name in mine.keys() - theirs.keys() if second else ():
        made[name] = _narrowed(made[name], second)
    for name in theirs.keys() - mine.keys() if first else ():
        made[name] = _narrowed(made[name], first)
    closed = [place for place in (first, second) if place]
    return made, {"additionalProperties": _narrowed(*closed)} if closed else {}


def _narrowed(*places: Place | None) -> Place:
    found = [place for place in places if place is not None]
    shut = next((place for place in found if place.value is False), None)
    return shut if shut is not None else both(*found)


def _items(one: Branch, other: Branch) -> tuple[tuple[Place, ...], dict[str, Place]]:
    prefix = []
    for index in range(max(len(one.prefix), len(other.prefix))):
        found = [
            branch.prefix[index] if index < len(branch.prefix) else branch.single.get("items")
            for branch in (one, other)
        ]
        prefix.append(_narrowed(*found))
    items = [branch.single["items"] for branch in (one, other) if "items" in branch.single]
    return tuple(prefix), {"items": _narrowed(*items)} if items else {}
