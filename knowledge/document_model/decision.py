"""Where the rows of a relation live in a store of documents."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Placement(StrEnum):
    """Where rows live."""

    EMBED = "embed"
    """Inside the document they belong to."""
    REFERENCE = "reference"
    """In a collection of their own, with the id of what they belong to."""
    IDS = "ids"
    """Of a many-to-many relation: the documents of one side hold the ids of the other."""
    PAIRS = "pairs"
    """Of a many-to-many relation: a collection of pairs."""


@dataclass(frozen=True)
class Decision:
    """What is done with one relation. ``relation`` is ``<resource>.<name>``."""

    relation: str
    child: str
    parent: str
    placement: Placement
    reason: str
    """One sentence."""
    flip: str
    """The fact that would turn the decision round."""
    most: int = 0
    """Rows of one parent at most; 0 where nothing bounds them."""

    def __str__(self) -> str:
        return f"{self.relation}: {self.placement}. {self.reason} It would be otherwise if {self.flip}."


@dataclass(frozen=True)
class DocumentModel:
    """The decisions of a blueprint, in the order of its relations."""

    decisions: tuple[Decision, ...]

    def of(self, resource: str, relation: str) -> Decision:
        """The decision about a relation.

        Raises:
            KeyError: there is no such relation.
        """
        return {each.relation: each for each in self.decisions}[f"{resource}.{relation}"]

    @property
    def embedded(self) -> dict[str, Decision]:
        """The resources that are part of another's documents, with the decision that says so."""
        return {each.child: each for each in self.decisions if each.placement is Placement.EMBED}
