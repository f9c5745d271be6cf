"""Lines of a pasted text that remember where they stood."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """One line: its number in the pasted text, from 1, and what of it belongs to the plan."""

    number: int
    text: str

    @property
    def column(self) -> int:
        """How far it is indented."""
        return len(self.text) - len(self.text.lstrip(" "))

    @property
    def content(self) -> str:
        """The line without its indentation and without what hangs behind."""
        return self.text.strip()

    def with_text(self, text: str) -> Line:
        """The same place with another text."""
        return Line(self.number, text)


def lines_of(text: str) -> list[Line]:
    """The lines of a text."""
    return [Line(number, line) for number, line in enumerate(text.split("\n"), 1)]


def text_of(lines: Sequence[Line]) -> tuple[str, list[int]]:
    """The lines as one text, and the pasted line of each of its lines."""
    return "\n".join(line.text for line in lines), [line.number for line in lines]
