"""A Prisma schema as words: names, strings, numbers and marks, comments left out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_WORD = re.compile(
    r"""
    (?P<space>[^\S\n]+|//[^\n]*)
  | (?P<line>\n)
  | (?P<string>"(?:[^"\\\n]|\\.)*")
  | (?P<number>-?\d+(?:\.\d+)?)
  | (?P<name>[A-Za-z_][\w-]*)
  | (?P<mark>@@|[@{}()\[\]:,.?=!])
  | (?P<other>.)
    """,
    re.VERBOSE,
)
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)")
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}


@dataclass(frozen=True)
class Token:
    """One word; ``kind`` is line, string, number, name, mark, other or end. ``text`` of a string is its value."""

    kind: str
    text: str
    offset: int


def tokens(text: str) -> Iterator[Token]:
    """All words of a schema, and an ``end``."""
    for match in _WORD.finditer(text):
        kind = match.lastgroup or "other"
        if kind == "string":
            yield Token(kind, _ESCAPE.sub(_unescaped, match[0][1:-1]), match.start())
        elif kind != "space":
            yield Token(kind, match[0], match.start())
    yield Token("end", "", len(text))


def _unescaped(match: re.Match[str]) -> str:
    word = match[1]
    if len(word) == 5:
        code = chr(int(word[1:], 16))
        return "\ufffd" if "\ud800" <= code <= "\udfff" else code
    return _ESCAPED.get(word, word)
