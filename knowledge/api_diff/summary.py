"""What a contract diff means for the version of the contract."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from knowledge.api_diff.change import Change, Level


class Bump(StrEnum):
    """Which part of a semantic version has to be raised."""

    MAJOR = "major"
    MINOR = "minor"
    PATCH = "patch"


@dataclass(frozen=True, slots=True)
class Summary:
    """How many changes of each level there are, and what they ask of the version."""

    breaking: int
    risky: int
    safe: int
    bump: Bump
    text: str


def summary(changes: Sequence[Change]) -> Summary:
    """Counts by level, and the part of the version to raise (semver.org: 8, 7 and 6).

    Breaking changes ask for a major version; what is added, and what may break somebody, for a minor one.
    """
    counted = [change for change in changes if change.area not in ("info", "tags")]
    numbers = {level: sum(change.level is level for change in counted) for level in Level}
    if numbers[Level.BREAKING]:
        bump, why = Bump.MAJOR, f"{numbers[Level.BREAKING]} of {len(counted)} changes break clients"
    elif counted:
        bump, why = Bump.MINOR, f"none of {len(counted)} changes surely breaks a client"
        if numbers[Level.RISKY]:
            why += f", {numbers[Level.RISKY]} may"
    else:
        bump, why = Bump.PATCH, "the contract is the same"
    return Summary(numbers[Level.BREAKING], numbers[Level.RISKY], numbers[Level.SAFE], bump, f"{bump}: {why}")


def next_version(changes: Sequence[Change]) -> str:
    """The part of the version to raise, and why, in one line."""
    return summary(changes).text
