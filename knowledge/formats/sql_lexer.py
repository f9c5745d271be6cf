"""Cutting PostgreSQL scripts into pieces without a grammar: statements, psql commands, COPY data.

The grammar reads whole scripts faster and better. This is for what it cannot read: scripts with psql's own
commands or inline COPY data, and files in which one statement is broken and the others are not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""--[^\n]*
    | /\*
    | (?<![\w$])[eE]'(?:[^'\\]|\\.|'')*(?:'|\Z)
    | '(?:[^']|'')*(?:'|\Z)
    | "(?:[^"]|"")*(?:"|\Z)
    | (?<![\w$])\$(?:[^\W\d]\w*)?\$
    | \bbegin\s+atomic\b | \bcase\b | \bend\b
    | ; | \\""",
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_SPACE = re.compile(r"\s+|--[^\n]*")
_COMMENT_EDGE = re.compile(r"/\*|\*/")
_COPY = re.compile(r"copy\b.*\bfrom\s+stdin\b", re.IGNORECASE | re.DOTALL)
_COPY_END = re.compile(r"^\\\.[ \t]*$", re.MULTILINE)


@dataclass(frozen=True)
class Piece:
    """A slice of a script: ``kind`` is ``sql``, ``meta`` (a psql command) or ``copy`` (data rows)."""

    kind: str
    start: int
    end: int


def pieces(text: str) -> Iterator[Piece]:
    """The statements, psql commands and COPY data of ``text`` in order, without what lies between.

    Every piece begins at its first character that is neither space nor comment; ``end`` excludes the
    closing semicolon. Unclosed quotes and comments reach to the end of the text.
    """
    position = start = 0
    atomic = 0
    while match := _TOKEN.search(text, position):
        token, position = match[0].lower(), match.end()
        if token == "/*":
            position = comment_end(text, match.start())
        elif token[0] == "$":
            close = text.find(match[0], position)
            position = len(text) if close < 0 else close + len(token)
        elif token.startswith("begin"):
            atomic += 1
        elif atomic and token in ("case", "end"):
            atomic += 1 if token == "case" else -1
        elif token == ";" and not atomic:
            yield from _sql(text, start, match.start())
            if _COPY.match(text, skip_space(text, start), match.start()):
                copy = _copy_data(text, position)
                yield copy
                closing = text.find("\n", copy.end)
                position = len(text) if closing < 0 else closing
            start = position
        elif token == "\\":
            yield from _sql(text, start, match.start())
            end = text.find("\n", position)
            position = start = len(text) if end < 0 else end
            yield Piece("meta", match.start(), position)
            atomic = 0
    yield from _sql(text, start, len(text))


def _sql(text: str, start: int, end: int) -> Iterator[Piece]:
    begin = min(skip_space(text, start), end)
    if text[begin:end].strip():
        yield Piece("sql", begin, end)


def _copy_data(text: str, position: int) -> Piece:
    """The rows after ``COPY ... FROM stdin;`` up to the line that holds only ``\\.``."""
    newline = text.find("\n", position)
    begin = len(text) if newline < 0 else newline + 1
    close = _COPY_END.search(text, begin)
    return Piece("copy", begin, close.start() if close else len(text))


def skip_space(text: str, position: int) -> int:
    """The first position from ``position`` on that is neither white space nor inside a comment."""
    while position < len(text):
        if text.startswith("/*", position):
            position = comment_end(text, position)
        elif match := _SPACE.match(text, position):
            position = match.end()
        else:
            break
    return position


def comment_end(text: str, position: int) -> int:
    """The position after the block comment that opens at ``position`` (they nest in PostgreSQL)."""
    depth = 0
    for edge in _COMMENT_EDGE.finditer(text, position):
        depth += 1 if edge[0] == "/*" else -1
        if depth == 0:
            return edge.end()
    return len(text)
