"""Divides what a node took among itself and what ran inside it, so that the parts make up the whole exactly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

LARGEST = 1e100
"""Figures beyond this come from no planner and no clock; kept so that products stay finite."""


@dataclass(frozen=True)
class Part:
    """What ran inside a node, how much of the node's figure it claims, and how far rounding may be off."""

    number: int
    amount: float
    slack: float = 0.0


def granted(whole: float, parts: Sequence[Part]) -> list[float]:
    """How much of ``whole`` each part gets: its claim, unless the claims exceed the whole.

    EXPLAIN rounds a loop to a microsecond, so that a million loops may be half a second off: claims shrink
    within their rounding first, in proportion to it, and only then in proportion to themselves.
    """
    claims = [max(0.0, part.amount) for part in parts]
    excess = sum(claims) - whole
    if excess <= 0:
        return claims
    slacks = [min(claim, max(0.0, part.slack)) for claim, part in zip(claims, parts, strict=True)]
    loose = sum(slacks)
    if loose >= excess:
        return _within(whole, [claim - slack * (excess / loose) for claim, slack in zip(claims, slacks, strict=True)])
    firm = [claim - slack for claim, slack in zip(claims, slacks, strict=True)]
    total = sum(firm)
    return _within(whole, [claim * (whole / total) for claim in firm]) if total > 0 else [0.0 for _ in firm]


def _within(whole: float, shares: Sequence[float]) -> list[float]:
    """The shares, not above the whole by what floating point adds."""
    found = []
    for share in shares:
        found.append(min(max(0.0, share), whole))
        whole = max(0.0, whole - found[-1])
    return found


def divide(
    numbers: Sequence[int], wholes: Mapping[int, float], inside: Mapping[int, Sequence[Part]]
) -> tuple[dict[int, float], dict[int, float]]:
    """Every node's own part, and all it was granted.

    Args:
        numbers: all nodes, the root first.
        wholes: what is granted to a node from outside of every other: the root's figure.
        inside: what ran inside of each node. A node may run inside of several (a CTE read twice).
    """
    waiting = dict.fromkeys(numbers, 0)
    for parts in inside.values():
        for part in parts:
            waiting[part.number] += 1
    grants = {number: wholes.get(number, 0.0) for number in numbers}
    own: dict[int, float] = {}
    ready = [number for number in reversed(numbers) if waiting[number] == 0]
    rest = list(reversed(numbers))
    while len(own) < len(numbers):
        if not ready:  # only a damaged plan runs in circles
            while rest[-1] in own:
                rest.pop()
            ready.append(rest[-1])
        number = ready.pop()
        if number in own:
            continue
        parts = [part for part in inside.get(number, ()) if part.number not in own]
        shares = granted(grants[number], parts)
        own[number] = max(0.0, grants[number] - sum(shares))
        for part, share in zip(parts, shares, strict=True):
            grants[part.number] += share
            waiting[part.number] -= 1
            if waiting[part.number] == 0:
                ready.append(part.number)
    return own, grants
