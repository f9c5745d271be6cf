"""Lays rendered TypeScript out: short lines, no stray blank lines. The same text for the same input, without Node."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend.scaffold.typescript.imports import organized
from backend.scaffold.typescript.text import blanked

WIDTH = 120
"""Characters of a line of code."""
INDENT = "  "
_CLOSING = {"(": ")", "[": "]", "{": "}"}


def laid_out(text: str) -> str:
    """The module as it is written to the project."""
    lines = [fitted for line in organized(text).split("\n") for fitted in _fitted(line.rstrip())]
    joined = "\n".join(lines)
    joined = re.sub(r"\n{3,}", "\n\n", joined)
    joined = re.sub(r"([{(\[])\n\n+", r"\1\n", joined)
    joined = re.sub(r"\n\n+(\s*[})\]])", r"\n\1", joined)
    return joined.strip("\n") + "\n"


def _fitted(line: str) -> Iterator[str]:
    """The line, broken at its widest brackets until every part of it fits, as far as it can be."""
    group = _widest(line) if len(line) > WIDTH else None
    if group is None:
        yield line
        return
    start, end = group
    margin = line[: len(line) - len(line.lstrip())]
    yield line[: start + 1]
    inside = line[start + 1 : end].strip()
    parts = list(_parts(inside))
    comma = "," if len(parts) > 1 or line[start] != "(" or _is_call(line, start) else ""
    for part in parts:
        yield from _fitted(f"{margin}{INDENT}{part}{comma or ('' if part is parts[-1] else ',')}")
    yield from _fitted(f"{margin}{line[end:]}")


def _widest(line: str) -> tuple[int, int] | None:
    """Where the brackets with most in them open and close, of those that are in no others.

    Brackets that hold nothing but other brackets give way to those, as in ``f({...})``.
    """
    code = blanked(line)
    found = [pair for pair in _pairs(code) if line[pair[0] + 1 : pair[1]].strip()]
    outer = [pair for pair in found if not any(other[0] < pair[0] and pair[1] < other[1] for other in found)]
    if not outer:
        return None
    start, end = max(outer, key=lambda pair: pair[1] - pair[0])
    while True:
        inside = next((pair for pair in found if pair == _hugged(code, start, end)), None)
        if inside is None:
            return start, end
        start, end = inside


def _hugged(code: str, start: int, end: int) -> tuple[int, int]:
    inside = code[start + 1 : end]
    return start + 1 + len(inside) - len(inside.lstrip()), start + len(inside.rstrip())


def _pairs(code: str) -> Iterator[tuple[int, int]]:
    opened: list[int] = []
    for place, character in enumerate(code):
        if character in _CLOSING:
            opened.append(place)
        elif opened and character == _CLOSING[code[opened[-1]]]:
            yield opened.pop(), place


def _parts(inside: str) -> Iterator[str]:
    code, depth, start = blanked(inside), 0, 0
    for place, character in enumerate(code):
        depth += (character in "([{") - (character in ")]}")
        if character == "," and depth == 0:
            yield inside[start:place].strip()
            start = place + 1
    if rest := inside[start:].strip():
        yield rest


def _is_call(line: str, start: int) -> bool:
    return start > 0 and (line[start - 1].isalnum() or line[start - 1] in "_$)]>")
