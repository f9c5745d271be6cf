"""What GraphQL calls the things of a blueprint; no two of them the same."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from knowledge.blueprint.model import Blueprint

RESERVED = frozenset(
    "Query Mutation Subscription PageInfo Int Float String Boolean ID BigInt Date DateTime Decimal JSON UUID".split()
)
"""Types every written schema may have."""


def camel(name: str) -> str:
    """``published_on`` as ``publishedOn``."""
    head, *rest = name.split("_")
    return head + pascal("_".join(rest)) if rest else head


def pascal(name: str) -> str:
    """``published_on`` as ``PublishedOn``."""
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))


def upper(value: str) -> str:
    """A value of an enum in the words of GraphQL: ``hard-cover`` as ``HARD_COVER``."""
    words = [word for word in re.split(r"[^A-Za-z0-9]+", value) if word]
    name = "_".join(words).upper()
    return name if name[:1].isalpha() else f"VALUE_{name}".rstrip("_")


def apart(names: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Names by their keys; of two that came out alike the later has a number behind it."""
    taken: set[str] = set()
    found = {}
    for key, name in names:
        number, unlike = 2, name
        while unlike.lower() in taken:
            unlike, number = f"{name}{'_' if name.isupper() else ''}{number}", number + 1
        taken.add(unlike.lower())
        found[key] = unlike
    return found


@dataclass
class TypeNames:
    """Names of types, given out once each; those of the resources first."""

    blueprint: Blueprint
    rows: dict[str, str] = field(init=False)
    _taken: set[str] = field(init=False)

    def __post_init__(self) -> None:
        self._taken = set(RESERVED)
        self.rows = {name: self.made(one.class_name) for name, one in self.blueprint.resources.items()}

    def made(self, wanted: str) -> str:
        """``wanted``, or where it is taken the next free name like it."""
        name, number = wanted, 2
        while name in self._taken:
            name, number = f"{wanted}{number}", number + 1
        self._taken.add(name)
        return name
