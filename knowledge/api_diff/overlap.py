"""Whether a value may fit several alternatives at once."""

from __future__ import annotations

from knowledge.api_diff.canon import Canon
from knowledge.api_diff.own import fits
from knowledge.api_diff.shape import Branch, Shape, type_of

MOST_COMPARED = 60
"""Alternatives that are compared with each other; more are taken as overlapping."""
Constants = dict[str, frozenset[str]]


def overlapping(canon: Canon, shape: Shape, strictly: bool) -> bool:
    """Whether it is not certain that no value fits two of the alternatives.

    Args:
        strictly: also count values with properties that an alternative does not name: nearly all alternatives that
            are objects overlap in these.
    """
    branches = [branch for branch in shape.branches if branch.kind != "null"]
    if len(branches) > MOST_COMPARED:
        return True
    told = [_constants(canon, branch) for branch in branches]
    return any(
        not (_disjoint(one, other, told[first], told[second]) or (not strictly and _apart(one, other)))
        for first, one in enumerate(branches)
        for second, other in enumerate(branches[:first])
    )


def _constants(canon: Canon, branch: Branch) -> Constants:
    """The values that its required properties are restricted to."""
    found = {}
    for name in branch.required & branch.maps.get("properties", {}).keys():
        inner = canon.shape(branch.maps["properties"][name]).branches
        if len(inner) == 1 and inner[0].values is not None:
            found[name] = frozenset(inner[0].values)
    return found


def _disjoint(one: Branch, other: Branch, mine: Constants, theirs: Constants) -> bool:
    if one.values is not None and other.values is not None:
        return not one.values.keys() & other.values.keys()
    if one.values is not None or other.values is not None:
        first, second = (one, other) if one.values is not None else (other, one)
        return not any(fits(type_of(value), [second.kind]) for value in (first.values or {}).values())
    if "any" in (one.kind, other.kind) or one.implied or other.implied:
        return False
    if one.kind != other.kind:
        return {one.kind, other.kind} != {"integer", "number"}
    return any(not mine[name] & theirs[name] for name in mine.keys() & theirs.keys())


def _apart(one: Branch, other: Branch) -> bool:
    """Whether each of two objects requires a property that the other does not name."""
    if not one.kind == other.kind == "object":
        return False
    mine, theirs = one.maps.get("properties", {}), other.maps.get("properties", {})
    return bool(one.required - theirs.keys()) and bool(other.required - mine.keys())
