"""PostgreSQL's array literals of one dimension (manual, 8.15.6): ``{1,"two, three",NULL}``."""

from __future__ import annotations

import re
from collections.abc import Iterable

_SPACE = " \t\n\r\v\f"
_ELEMENT = re.compile(r'"(?P<quoted>(?:[^"\\]++|\\.)*+)"|(?P<bare>(?:[^"\\{},]++|\\.)++)', re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_PLAIN = re.compile(r"""[^"\\{},\s]++""")


class ArrayError(ValueError):
    """It is no array literal of one dimension."""


def elements(literal: str) -> tuple[str, ...]:
    """The elements of an array literal, quotes and escapes resolved.

    Raises:
        ArrayError: it is none, has several dimensions, or holds NULL, which statistics never do.
    """
    text = literal.strip(_SPACE)
    if not (text.startswith("{") and text.endswith("}") and len(text) > 1):
        raise ArrayError("it is not in braces")
    found: list[str] = []
    position, end = 1, len(text) - 1
    if not text[1:end].strip(_SPACE):
        return ()
    while True:
        while text[position] in _SPACE:
            position += 1
        match = _ELEMENT.match(text, position, end)
        if match is None:
            raise ArrayError(f"element {len(found) + 1} cannot be read")
        found.append(_value(match))
        position = match.end()
        while position < end and text[position] in _SPACE:
            position += 1
        if position == end:
            return tuple(found)
        if text[position] != ",":
            raise ArrayError(f"element {len(found)} does not end with a comma")
        position += 1


def _value(match: re.Match[str]) -> str:
    if match["quoted"] is not None:
        return _ESCAPED.sub(r"\1", match["quoted"])
    bare = match["bare"].rstrip(_SPACE)
    if not bare or bare.upper() == "NULL":
        raise ArrayError("an element is NULL or empty")
    return _ESCAPED.sub(r"\1", bare)


def literal(values: Iterable[str]) -> str:
    """The array literal of these elements."""
    return "{" + ",".join(_quoted(value) for value in values) + "}"


def _quoted(value: str) -> str:
    if _PLAIN.fullmatch(value) and value.upper() != "NULL":
        return value
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
