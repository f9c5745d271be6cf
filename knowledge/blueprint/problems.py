"""What is wrong with a blueprint, where, and what to write instead."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

Path = tuple[str, ...]
"""Keys and list positions from the top of the blueprint to a value."""

SHOWN = 20
"""Problems an error lists; whoever has more starts with these."""
LONGEST = 60
"""Characters of the user's own text that a message repeats."""


def dotted(path: Path) -> str:
    """The path as messages write it, as in ``resources.order.fields.total.type``; keys that are no words are quoted."""
    return ".".join(part if part.replace("_", "").isalnum() and len(part) <= LONGEST else quoted(part) for part in path)


def quoted(text: object) -> str:
    """A piece of the user's text, safe to print on one line."""
    shown = ascii(str(text)[: LONGEST + 1])
    return shown if len(str(text)) <= LONGEST else f"{shown[: LONGEST + 1]}...'"


def _one_line(text: str) -> str:
    """The text without anything that would break the line it is printed on, or fill the screen."""
    plain = "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text[: LONGEST * 10 + 1])
    return plain if len(plain) <= LONGEST * 10 else f"{plain[: LONGEST * 10]}..."


def nearest(word: str, known: Iterable[str]) -> str:
    """The known name that was probably meant, or an empty string."""
    names = list(known)
    found = get_close_matches(word[:LONGEST].lower(), names, 1, 0.6)
    return found[0] if found else ""


def choice(word: str, known: Sequence[str], none: str) -> str:
    """A remedy for a name that is not among the known ones; ``none`` is the remedy where nothing is known."""
    if not known:
        return none
    near = nearest(word, known)
    listed = ", ".join(known[:12]) + (f" and {len(known) - 12} more" if len(known) > 12 else "")
    return f"Did you mean {near}? Known: {listed}." if near else f"Write one of: {listed}."


@dataclass(frozen=True)
class Problem:
    """One thing to put right. ``line`` and ``column`` count from 1; 0 means the text as a whole."""

    path: Path
    message: str
    remedy: str
    line: int = 0
    column: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "message", _one_line(self.message))
        object.__setattr__(self, "remedy", _one_line(self.remedy))

    @property
    def where(self) -> str:
        """The path in words, as in ``resources.order.fields.total.type``; empty for the text as a whole."""
        return dotted(self.path)

    def at(self, line: int, column: int) -> Problem:
        """The same problem at a place in the text."""
        return replace(self, line=line, column=column)

    def __str__(self) -> str:
        place = f"line {self.line}, column {self.column}: " if self.line else ""
        name = f"{self.where}: " if self.path else ""
        return f"{place}{name}{self.message} {self.remedy}"


class BlueprintError(ValueError):
    """A text that is no valid blueprint: all that is wrong with it, by line, the first ``SHOWN`` of them."""

    def __init__(self, problems: Sequence[Problem], *, source: str = "blueprint") -> None:
        ordered = sorted(problems, key=lambda problem: (problem.line, problem.column, problem.path))
        self.source = source
        self.problems = tuple(ordered[:SHOWN])
        self.more = len(ordered) - len(self.problems)
        """Further problems that are not listed."""
        lines = [f"{source}: {problem}" for problem in self.problems]
        if self.more:
            lines.append(f"{source}: {self.more} more problems")
        super().__init__("\n".join(lines))
