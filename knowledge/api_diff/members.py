"""Differences of the parts of two branches: properties, items, and the schemas that hold beside."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from knowledge.api_diff.limits import bound_change
from knowledge.api_diff.properties import property_changes
from knowledge.api_diff.shape import Branch
from knowledge.api_diff.sorts import Effect
from knowledge.api_diff.source import Place
from knowledge.api_diff.spot import Pair, Spot

if TYPE_CHECKING:
    from knowledge.api_diff.schemas import Schemas

Triple = tuple[Place, Place, Place]
_STATES = {
    ("open", "closed"): "forbidden",
    ("schema", "closed"): "forbidden",
    ("closed", "open"): "allowed",
    ("closed", "schema"): "allowed",
    ("open", "schema"): "restricted",
    ("schema", "open"): "freed",
}


def object_members(schemas: Schemas, old: Branch, new: Branch, spot: Spot) -> None:
    """Emit what differs between the properties of two branches and the rules about them."""
    property_changes(schemas, old, new, spot)
    _fallback(schemas, "additionalProperties", "additional", ".*", old, new, spot)
    _fallback(schemas, "unevaluatedProperties", "unevaluated", ".*", old, new, spot)
    names = "The names of properties" if not spot.path else f"{spot.path} (names)"
    _optional(schemas, "propertyNames", ("property-names-restricted", "property-names-freed"), names, old, new, spot)
    _optional(
        schemas, "contentSchema", ("content-schema-added", "content-schema-removed"), f"{spot.path} (decoded)",
        old, new, spot,
    )  # fmt: skip
    _dependent(schemas, old, new, spot)


def _dependent(schemas: Schemas, old: Branch, new: Branch, spot: Spot) -> None:
    for name in sorted(old.dependent.keys() | new.dependent.keys()):
        before, after = old.dependent.get(name, frozenset()), new.dependent.get(name, frozenset())
        for other in sorted(after - before):
            schemas.say("dependent-required-added", spot, now=f"`{other}` beside `{name}`")
        for other in sorted(before - after):
            schemas.say("dependent-required-removed", spot, was=f"`{other}` beside `{name}`")
    first, second = old.maps.get("dependentSchemas", {}), new.maps.get("dependentSchemas", {})
    for name in sorted(first.keys() | second.keys()):
        if name not in first or name not in second:
            what = "dependent-schema-added" if name in second else "dependent-schema-removed"
            schemas.say(what, spot, f"`{name}`", f"`{name}`")
        else:
            schemas.later(Pair(first[name], second[name], spot.view, spot.unit, f"{spot.path} (with {name})".strip()))


def _state(schemas: Schemas, branch: Branch, keyword: str, is_old: bool) -> str:
    place = branch.single.get(keyword)
    if place is None:
        return "open"
    shape = (schemas.old if is_old else schemas.new).shape(place)
    return "open" if shape.trivial else "schema" if shape.branches else "closed"


def _fallback(schemas: Schemas, keyword: str, name: str, suffix: str, old: Branch, new: Branch, spot: Spot) -> None:
    if keyword not in old.single and keyword not in new.single:
        return
    before, after = _state(schemas, old, keyword, True), _state(schemas, new, keyword, False)
    if before == after == "schema":
        schemas.later(Pair(old.single[keyword], new.single[keyword], spot.view, spot.unit, spot.path + suffix))
    elif before != after:
        schemas.say(f"{name}-{_STATES[before, after]}", spot, *((keyword, keyword) if name == "unevaluated" else ()))


def _optional(
    schemas: Schemas, keyword: str, whats: tuple[str, str], path: str, old: Branch, new: Branch, spot: Spot
) -> None:
    one, other = old.single.get(keyword), new.single.get(keyword)
    if one is not None and other is not None:
        schemas.later(Pair(one, other, spot.view, spot.unit, path))
    elif one is not None or other is not None:
        schemas.say(whats[0] if one is None else whats[1], spot)


def array_members(schemas: Schemas, old: Branch, new: Branch, spot: Spot) -> None:
    """Emit what differs between the items of two branches and the rules about them."""
    _fallback(schemas, "items", "items", "[]", old, new, spot)
    _fallback(schemas, "unevaluatedItems", "unevaluated", "[]", old, new, spot)
    _prefix(schemas, old, new, spot)
    for index in range(max(len(old.contains), len(new.contains))):
        if index >= len(old.contains) or index >= len(new.contains):
            schemas.say("contains-added" if index >= len(old.contains) else "contains-removed", spot)
            continue
        one, least, most = old.contains[index]
        other, fewest, highest = new.contains[index]
        effect, count = schemas.probe(one, other, spot.view)
        if count:
            narrowed = {Effect.NARROWS: "narrowed", Effect.WIDENS: "widened"}.get(effect, "changed")
            schemas.say(f"contains-{narrowed}", spot)
        for what, was, now in (
            *bound_change("min-contains", least, fewest, 1),
            *bound_change("max-contains", _finite(most), _finite(highest), -1),
        ):
            schemas.say(what, spot, was, now)


def _finite(value: float) -> float | None:
    return None if value == float("inf") else value


def _prefix(schemas: Schemas, old: Branch, new: Branch, spot: Spot) -> None:
    for index in range(max(len(old.prefix), len(new.prefix))):
        path = f"{spot.path}[{index}]"
        if index < len(old.prefix) and index < len(new.prefix):
            schemas.later(Pair(old.prefix[index], new.prefix[index], spot.view, spot.unit, path))
            continue
        added = index >= len(old.prefix)
        longer, shorter = (new, old) if added else (old, new)
        place, state = longer.prefix[index], _state(schemas, shorter, "items", added)
        verb, number = ("added" if added else "removed"), str(index)
        if state == "schema":
            items = shorter.single["items"]
            pair = (items, place) if added else (place, items)
            schemas.later(Pair(*pair, spot.view, spot.unit, path))
        elif state == "closed":
            schemas.say(f"closed-prefix-item-{verb}", spot, *(("", number) if added else (number, "")))
        elif not (schemas.new if added else schemas.old).shape(place).trivial:
            schemas.say(f"prefix-item-{verb}", spot, *(("", number) if added else (number, "")))


def compare_lists(schemas: Schemas, old: Branch, new: Branch, spot: Spot) -> None:
    """Emit what differs between what is excluded, the conditions, and what else must hold; their order is nothing."""
    gone, come = _unmatched(schemas, old.excluded, new.excluded, spot)
    for one, other in zip(gone, come, strict=False):
        effect = schemas.probe(one, other, spot.view)[0]
        what = {Effect.WIDENS: "widened", Effect.NARROWS: "narrowed"}.get(effect, "changed")
        schemas.say(f"excluded-{what}", spot)
    _surplus(schemas, "excluded", len(come) - len(gone), spot)
    _conditions(schemas, old.conditions, new.conditions, spot)
    gone, come = _unmatched(schemas, old.rest, new.rest, spot)
    for one, other in zip(gone, come, strict=False):
        schemas.later(Pair(one, other, spot.view, spot.unit, spot.path))
    _surplus(schemas, "conjunct", len(come) - len(gone), spot)


def _surplus(schemas: Schemas, name: str, more: int, spot: Spot) -> None:
    for number in range(abs(more)):
        number_told = str(number + 1) if number else ""
        schemas.say(f"{name}-{'added' if more > 0 else 'removed'}", spot, number_told)


def _unmatched(
    schemas: Schemas, old: tuple[Place, ...], new: tuple[Place, ...], spot: Spot
) -> tuple[list[Place], list[Place]]:
    gone, come = [], list(new)
    for one in old:
        match = next((other for other in come if schemas.probe(one, other, spot.view)[1] == 0), None)
        if match is None:
            gone.append(one)
        else:
            come.remove(match)
    return gone, come


def _conditions(schemas: Schemas, old: tuple[Triple, ...], new: tuple[Triple, ...], spot: Spot) -> None:
    gone, come = [], list(new)
    for one in old:
        match = next((other for other in come if schemas.probe(one[0], other[0], spot.view)[1] == 0), None)
        if match is None:
            gone.append(one)
            continue
        come.remove(match)
        for part, name in ((1, "then"), (2, "else")):
            path = f"{spot.path} ({name})".strip()
            schemas.later(Pair(one[part], match[part], spot.view, spot.unit, path))
    for _ in _both(gone, come):
        schemas.say("condition-changed", spot)
    _surplus(schemas, "condition", len(come) - len(gone), spot)


def _both(one: list[Triple], other: list[Triple]) -> Iterator[int]:
    yield from range(min(len(one), len(other)))
