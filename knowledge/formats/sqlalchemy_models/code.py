"""Python as people lay it out: literals, docstrings, and calls on one line or on many."""

from __future__ import annotations

import json
from collections.abc import Sequence

WIDTH = 120


def literal(text: str) -> str:
    """A text as a Python literal, in double quotes where that needs no escape."""
    if not text.isprintable() or '"' in text:
        return repr(text)
    return json.dumps(text, ensure_ascii=False)


def docstring(text: str, otherwise: str) -> str:
    """A docstring of one line."""
    words = " ".join(text.split()) or otherwise
    escaped = words.replace("\\", "\\\\").replace('"', '\\"') if '"' in words or "\\" in words else words
    return f'"""{escaped}"""'


def call(name: str, arguments: Sequence[str], depth: int = 0, before: int = 0) -> str:
    """``name(a, b)`` at ``depth`` levels of indentation, ``before`` characters into the line."""
    line = f"{name}({', '.join(arguments)})"
    if "\n" not in line and 4 * depth + before + len(line) <= WIDTH:
        return line
    inner = "    " * (depth + 1)
    return "\n".join([f"{name}(", *(f"{inner}{argument}," for argument in arguments), "    " * depth + ")"])
