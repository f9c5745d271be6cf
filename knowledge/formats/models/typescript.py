"""TypeScript as people lay it out: what is short on one line, what is long on many."""

from __future__ import annotations

from collections.abc import Sequence

WIDTH = 100


def braced(items: Sequence[str], depth: int = 0, brackets: str = "{}", before: int = 0) -> str:
    """Items between brackets, at ``depth`` levels of indentation, ``before`` characters into the line."""
    space = " " if brackets == "{}" else ""
    line = f"{brackets[0]}{space}{', '.join(items)}{space}{brackets[1]}"
    if not items:
        return brackets
    if "\n" not in line and 2 * depth + before + len(line) <= WIDTH:
        return line
    inner = "  " * (depth + 1)
    return "\n".join([brackets[0], *(f"{inner}{item}," for item in items), "  " * depth + brackets[1]])


def doc(text: str, depth: int = 0) -> list[str]:
    """A documentation comment; nothing for an empty text."""
    words = " ".join(text.split()).replace("*/", "*\\/")
    return [f"{'  ' * depth}/** {words} */"] if words else []
