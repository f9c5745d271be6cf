"""Where a comparison stands, and what is to be compared there."""

from __future__ import annotations

from dataclasses import dataclass

from knowledge.api_diff.change import Pointer
from knowledge.api_diff.records import Unit, View
from knowledge.api_diff.source import Place


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a comparison stands: who it belongs to, what it is called, where it is written."""

    view: View
    unit: Unit
    path: str
    old: Pointer
    new: Pointer

    def at(self, path: str, old: Pointer, new: Pointer) -> Spot:
        """Another spot of the same unit."""
        return Spot(self.view, self.unit, path, old, new)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two schemas to be compared, and how they are called together."""

    old: Place
    new: Place
    view: View
    unit: Unit
    path: str
