"""Which alternative of a union became which: by name and by what they hold, never by position."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from knowledge.api_diff.own import fits
from knowledge.api_diff.shape import Branch, type_of

Pairing = tuple[list[tuple[Branch, Branch]], list[Branch], list[Branch]]
"""Pairs, old ones without a new one, new ones without an old one."""
Same = Callable[[Branch, Branch], bool]
MOST_SCORED = 10_000
MOST_PROBED = 400


def pair_up(old: Sequence[Branch], new: Sequence[Branch], same: Same) -> Pairing:
    """The best correspondence of two lists of alternatives.

    Args:
        same: whether two alternatives admit the same; asked for a bounded number of them.
    """
    pairs: list[tuple[Branch, Branch]] = []
    gone, come = list(old), list(new)
    if len(gone) == 1 and len(come) == 1:
        return ([(gone[0], come[0])], [], []) if _score(gone[0], come[0]) > 0 else ([], gone, come)
    _take_named(gone, come, pairs)
    if gone and come and len(gone) * len(come) <= MOST_PROBED:
        for one in list(gone):
            match = next((other for other in come if _outline(one) == _outline(other) and same(one, other)), None)
            if match is not None:
                _pair(one, match, gone, come, pairs)
    if gone and come and len(gone) * len(come) <= MOST_SCORED:
        scored = [
            (-_score(one, other), first, second) for first, one in enumerate(gone) for second, other in enumerate(come)
        ]
        olds, news = list(gone), list(come)
        for score, first, second in sorted(scored):
            if score < 0 and olds[first] in gone and news[second] in come:
                _pair(olds[first], news[second], gone, come, pairs)
    return pairs, gone, come


def _pair(
    one: Branch, other: Branch, gone: list[Branch], come: list[Branch], pairs: list[tuple[Branch, Branch]]
) -> None:
    gone.remove(one)
    come.remove(other)
    pairs.append((one, other))


def _take_named(gone: list[Branch], come: list[Branch], pairs: list[tuple[Branch, Branch]]) -> None:
    first, second = _by_name(gone), _by_name(come)
    for name, one in first.items():
        other = second.get(name)
        if one is not None and other is not None:
            _pair(one, other, gone, come, pairs)


def _by_name(branches: Sequence[Branch]) -> dict[tuple[str, str], Branch | None]:
    """Branches that are the only one of their component and kind."""
    found: dict[tuple[str, str], Branch | None] = {}
    for branch in branches:
        if branch.place.component:
            key = (branch.place.component, branch.kind)
            found[key] = None if key in found else branch
    return found


def _outline(branch: Branch) -> tuple[object, ...]:
    return (
        branch.kind,
        branch.required,
        frozenset(branch.maps.get("properties", ())),
        frozenset(branch.values or ()),
        branch.minimum,
        branch.maximum,
    )


def _score(one: Branch, other: Branch) -> float:
    """How like two alternatives are; 0 and below are different things."""
    if one.kind == other.kind == "enum":
        return 1 + 8 * _shared(set(one.values or ()), set(other.values or ())) + _types_shared(one, other)
    if "enum" in (one.kind, other.kind):
        first, second = (one, other) if one.kind == "enum" else (other, one)
        fitting = all(fits(type_of(value), [second.kind]) for value in (first.values or {}).values())
        return 4 if fitting else 0
    if "any" in (one.kind, other.kind) and one.kind != other.kind:
        return 1
    if {one.kind, other.kind} == {"integer", "number"}:
        return 5
    if one.kind != other.kind:
        return 0
    score = 10.0 + (40 if one.place.value == other.place.value else 0)
    score += 20 if _title(one) and _title(one) == _title(other) else 0
    mine, theirs = one.maps.get("properties", {}), other.maps.get("properties", {})
    score += 20 * _shared(set(mine), set(theirs)) + 5 * _shared(set(one.required), set(other.required))
    told = [_constants(mine[name].value, theirs[name].value) for name in mine.keys() & theirs.keys()]
    return score + (60 if "same" in told else 0) - (60 if "other" in told else 0)


def _constants(one: object, other: object) -> str:
    """Whether a property tells two alternatives apart."""
    first, second = _constant(one), _constant(other)
    if first is None or second is None:
        return ""
    return "same" if first == second else "other"


def _constant(value: object) -> object:
    if not isinstance(value, dict):
        return None
    if "const" in value:
        return [value["const"]]
    values = value.get("enum")
    return values if isinstance(values, list) and len(values) == 1 else None


def _title(branch: Branch) -> object:
    value = branch.place.value
    return value.get("title") if isinstance(value, dict) else None


def _types_shared(one: Branch, other: Branch) -> float:
    types = [{type_of(value) for value in (branch.values or {}).values()} for branch in (one, other)]
    return 2 * _shared(*types)


def _shared(one: set[str], other: set[str]) -> float:
    return len(one & other) / len(one | other) if one or other else 0.5
