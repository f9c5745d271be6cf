"""Lines and columns in a JSON text, found in one scan and only for the pointers that are asked for.

Everything that is not on the way to one of them is skipped by the C scanner of the standard library.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

Pointer = tuple[str | int, ...]
Place = tuple[int, int]

_BLANK = re.compile(r"[ \t\n\r]*")


class _Wanted:
    """A tree of the steps of all pointers; ``pointers`` end here."""

    __slots__ = ("below", "pointers")

    def __init__(self) -> None:
        self.below: dict[str, _Wanted] = {}
        self.pointers: list[Pointer] = []


def json_positions(text: str, pointers: Iterable[Pointer]) -> dict[Pointer, Place]:
    """Line and column (from 1) of each pointer's key, of its value where it stands in an array.

    Of what does not exist, the nearest thing above. ``text`` is JSON; of equal keys the last one counts.
    """
    asked = list(dict.fromkeys(pointers))
    top = _Wanted()
    for pointer in asked:
        node = top
        for step in pointer:
            node = node.below.setdefault(str(step), _Wanted())
        node.pointers.append(pointer)
    offsets: dict[Pointer, int] = {}
    _scan(text, top, offsets)
    return _places(text, offsets)


def _scan(text: str, top: _Wanted, offsets: dict[Pointer, int]) -> None:
    """Fill ``offsets``; iterative, so that no depth matters."""
    read_value = json.JSONDecoder(strict=False).raw_decode
    blank = _BLANK.match
    start = _end(blank(text, 1 if text.startswith("\ufeff") else 0))
    _mark(top, start, offsets)
    # Each entry: what is wanted below, whether it is an object, the index of the next item.
    stack: list[tuple[_Wanted, bool, int]] = []
    position, wanted = start, top
    opening = True
    while True:
        if opening:
            first = text[position]
            if first not in "{[" or not wanted.below:
                _, position = read_value(text, position)
                opening = False
                if not stack:
                    return
                continue
            position = _end(blank(text, position + 1))
            if text[position] in "}]":
                position += 1
                opening = False
                if not stack:
                    return
                continue
            stack.append((wanted, first == "{", 0))
        else:
            position = _end(blank(text, position))
            if text[position] in "}]":
                stack.pop()
                position += 1
                if not stack:
                    return
                continue
            position = _end(blank(text, position + 1))  # past a comma
        holder, is_object, index = stack[-1]
        here = position
        if is_object:
            name, position = read_value(text, position)
            position = _end(blank(text, _end(blank(text, position)) + 1))
        else:
            name = str(index)
            stack[-1] = (holder, False, index + 1)
        found = holder.below.get(name)
        if found is None:
            _, position = read_value(text, position)
            opening = False
        else:
            _mark(found, here, offsets)
            wanted, opening = found, True


def _end(match: re.Match[str] | None) -> int:
    assert match is not None  # the pattern matches the empty text
    return match.end()


def _mark(wanted: _Wanted, offset: int, offsets: dict[Pointer, int]) -> None:
    """``offset`` is the place of ``wanted``, and until something nearer is found, of everything below it."""
    below: list[Any] = [wanted]
    while below:
        node = below.pop()
        for pointer in node.pointers:
            offsets[pointer] = offset
        below.extend(node.below.values())


def _places(text: str, offsets: dict[Pointer, int]) -> dict[Pointer, Place]:
    """Offsets as lines and columns, counting the lines once."""
    found: dict[Pointer, Place] = {}
    line, seen = 1, 0
    for pointer, offset in sorted(offsets.items(), key=lambda item: item[1]):
        line += text.count("\n", seen, offset)
        seen = offset
        found[pointer] = line, offset - text.rfind("\n", 0, offset)
    return found
