"""One difference between two schemas, and what it means for whoever calls them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from graphql.language import Node

from knowledge.formats.graphql.document import place
from knowledge.report import Location


class Level(StrEnum):
    """What a change does to clients written for the old schema."""

    BREAKING = "breaking"
    """Requests that were valid are refused, or answers have a shape they never had."""
    DANGEROUS = "dangerous"
    """Everything stays valid, but clients may meet what they do not expect."""
    SAFE = "safe"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference.

    ``kind`` ends in ``-added``, ``-removed`` or ``-changed``: of the two schemas the other way round the same change
    has the opposite ending.

    ``path`` is ``Type``, ``Type.field``, ``Type.field.argument``, ``@directive`` or ``schema``.
    """

    kind: str
    path: str
    level: Level
    message: str
    """For the developer of a client."""
    old: Location = Location()
    new: Location = Location()
    """Where it stands in each text; without a line where it is absent."""


def change(
    kind: str, path: str, level: Level, message: str, old: Node | None = None, new: Node | None = None
) -> Change:
    """A change at the places of the two nodes."""
    return Change(kind, path, level, message, _location(old), _location(new))


def _location(node: Node | None) -> Location:
    line, column = place(node) if node is not None else (0, 0)
    return Location(line=line, column=column)


def inverse(kind: str) -> str:
    """The kind that a change has when the schemas are exchanged."""
    if kind.endswith("-added"):
        return kind.removesuffix("added") + "removed"
    if kind.endswith("-removed"):
        return kind.removesuffix("removed") + "added"
    return kind
