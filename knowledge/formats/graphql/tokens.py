"""What the text of a schema can be told apart by without parsing it: brackets, comments, where definitions begin.

The parser of graphql-core calls itself for every bracket, so a text is measured here before it is parsed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_TOKEN = re.compile(
    r'"""(?:[^"\\]++|\\"""|\\|"(?!""))*+(?:"""|\Z)'  # what is not closed reaches to the end: one pass, no way back
    r'|"(?:[^"\\\n\r]++|\\.)*+"?'
    r"|(?P<comment>#[^\n\r]*)"
    r"|(?P<open>[\[{(])"
    r"|(?P<close>[\]})])"
    r"|(?P<name>@?[A-Za-z_][A-Za-z_0-9]*)"
)
_NEXT = re.compile(r"[\s,\ufeff]*(?P<next>.)", re.DOTALL)
_KEYWORDS = frozenset(
    "schema scalar type interface union enum input directive extend query mutation subscription fragment".split()
)
_NAMED_BY = re.compile(r"[A-Za-z_@{]")


@dataclass(frozen=True, slots=True)
class Comment:
    """A ``#`` comment: where it stands, counted from 1, and whether anything precedes it on its line."""

    line: int
    column: int
    text: str
    alone: bool


def depth(text: str) -> int:
    """How deep brackets of any kind are nested, those in strings and comments left out."""
    deepest = now = 0
    for match in _TOKEN.finditer(text):
        if match.lastgroup == "open":
            now += 1
            deepest = max(deepest, now)
        elif match.lastgroup == "close":
            now = max(0, now - 1)
    return deepest


def comments(text: str) -> Iterator[Comment]:
    """Every comment, in the order of the text."""
    line, seen = 1, 0
    for match in _TOKEN.finditer(text):
        if match.lastgroup != "comment":
            continue
        line += text.count("\n", seen, match.start())
        seen = match.start()
        begin = text.rfind("\n", 0, seen) + 1
        yield Comment(line, seen - begin + 1, match[0], not text[begin:seen].strip())


def definition_starts(text: str) -> list[int]:
    """Offsets at which definitions begin, their descriptions included.

    A keyword outside of all brackets begins one, and so does a keyword in the first column that a name follows: there
    a definition is taken to begin even where the one before it was never closed.
    """
    starts: list[int] = []
    now, previous, description = 0, "", -1
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup
        if kind == "open":
            now += 1
        elif kind == "close":
            now = max(0, now - 1)
        elif kind is None:
            description = match.start()
            continue
        elif kind == "name" and match[0] in _KEYWORDS and previous != "extend" and _begins(text, match, now):
            starts.append(description if description >= 0 else match.start())
            now = 0
        if kind != "comment":
            previous, description = match[0], -1
    return starts


def _begins(text: str, match: re.Match[str], depth_there: int) -> bool:
    following = _NEXT.match(text, match.end())
    named = following is not None and _NAMED_BY.match(following["next"]) is not None
    first_column = match.start() == 0 or text[match.start() - 1] == "\n"
    return named and (depth_there == 0 or first_column)
