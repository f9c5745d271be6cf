"""Cutting PostgreSQL scripts into pieces without a grammar: statements, psql commands, COPY data.

The grammar reads whole scripts faster and better. This is for what it cannot read: scripts with psql's own
commands or inline COPY data, and files in which one statement is broken and the others are not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from knowledge.formats.sql_lexer import QUOTED, skip_space, tokens

MAX_RECOVERIES = 50
"""Unclosed quotes and comments after which a script is given up: each costs a look at all that follows."""

UNCLOSED = "unclosed"

_TOKEN = re.compile(QUOTED + r"|;|\\", re.DOTALL)
_ATOMIC_TOKEN = re.compile(QUOTED + r"|;|\\|\b(?:begin\s+atomic|case|end)\b", re.DOTALL | re.IGNORECASE)
_ATOMIC = re.compile(r"\bbegin\s+atomic\b", re.IGNORECASE)
_COPY = re.compile(r"copy\b.*\bfrom\s+stdin\b", re.IGNORECASE | re.DOTALL)
_COPY_END = re.compile(r"^\\\.[ \t]*$", re.MULTILINE)
_RULE = re.compile(r"create\s+(?:or\s+replace\s+)?rule\b", re.IGNORECASE)


@dataclass(frozen=True)
class Piece:
    """A slice of a script: ``kind`` is ``sql``, ``meta`` (a psql command) or ``copy`` (data rows)."""

    kind: str
    start: int
    end: int


def pieces(text: str) -> Iterator[Piece]:
    """The statements, psql commands and COPY data of ``text`` in order, without what lies between.

    Every piece begins at its first character that is neither space nor comment; ``end`` excludes the closing
    semicolon. A statement with a quote that is never closed ends at its next semicolon.
    """
    pattern = _ATOMIC_TOKEN if _ATOMIC.search(text) else _TOKEN
    position = recoveries = 0
    while position < len(text):
        mark, end = _statement_end(text, position, pattern)
        begin = min(skip_space(text, position), end)
        if mark == UNCLOSED:
            recoveries += 1
            close = text.find(";", end) if recoveries <= MAX_RECOVERIES else -1
            end = len(text) if close < 0 else close
        if begin < end:
            yield Piece("sql", begin, end)
        position = end + 1
        if mark == ";" and _COPY.match(text, begin, end):
            copy = _copy_data(text, position)
            yield copy
            position = _line_end(text, copy.end)
        elif mark == "\\" and not text.startswith(";", position):
            position = _line_end(text, position)
            yield Piece("meta", end, position)


def _statement_end(text: str, start: int, pattern: re.Pattern[str]) -> tuple[str, int]:
    """What ends the statement that begins at ``start``, and where: ``;``, a backslash, the text, or :data:`UNCLOSED`
    with the position of the quote."""
    atomic = 0
    for token, begin, end in tokens(text, pattern, start):
        if end > len(text):
            return UNCLOSED, begin
        if token == "\\":
            return token, begin
        if token == ";":
            if not atomic and not _is_open_rule(text, start, begin):
                return token, begin
        elif token[0] in "bB":
            atomic += 1
        elif atomic and token[0] in "cCeE":
            atomic += 1 if token[0] in "cC" else -1
    return "", len(text)


def _is_open_rule(text: str, start: int, end: int) -> bool:
    """Whether the semicolon at ``end`` parts the actions of a rule: ``CREATE RULE ... DO (a; b)``."""
    begin = skip_space(text, start)
    return bool(_RULE.match(text, begin)) and text.count("(", begin, end) > text.count(")", begin, end)


def _copy_data(text: str, position: int) -> Piece:
    """The rows after ``COPY ... FROM stdin;`` up to the line that holds only ``\\.``."""
    begin = min(_line_end(text, position) + 1, len(text))
    close = _COPY_END.search(text, begin)
    return Piece("copy", begin, close.start() if close else len(text))


def _line_end(text: str, position: int) -> int:
    newline = text.find("\n", position)
    return len(text) if newline < 0 else newline
