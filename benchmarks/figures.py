"""What a comparison measured, and the table made from several."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Comparison:
    """Ours against a yardstick. ``ours`` and ``theirs`` are medians in ``unit``."""

    what: str
    yardstick: str
    ours: float
    theirs: float
    unit: str
    budget: str
    """The promise, as in ``<= 2 x``; ``""`` where none was made."""

    @property
    def ratio(self) -> float:
        """How many times the yardstick ours takes."""
        return self.ours / self.theirs if self.theirs else float("inf")


@dataclass(frozen=True)
class Figure:
    """A figure that stands alone."""

    what: str
    value: float
    unit: str
    budget: str


def median(values: Sequence[float]) -> float:
    """The median, which a single slow run does not move."""
    return statistics.median(values)


def table(measured: Sequence[Comparison | Figure]) -> str:
    """A Markdown table of ``measured``."""
    lines = ["| what | ours | yardstick | ratio | budget |", "|---|---|---|---|---|"]
    return "\n".join([*lines, *(_row(item) for item in measured)])


def _row(item: Comparison | Figure) -> str:
    if isinstance(item, Figure):
        return f"| {item.what} | {item.value:.3g} {item.unit} | | | {item.budget} |"
    theirs = f"{item.yardstick}: {item.theirs:.3g} {item.unit}"
    return f"| {item.what} | {item.ours:.3g} {item.unit} | {theirs} | **{item.ratio:.2f} x** | {item.budget} |"
