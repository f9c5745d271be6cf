"""PostgreSQL's lexical rules without its grammar: where quoted text, comments and dollar quotes end.

All functions take any text and are linear in its length (``MAX_RECOVERIES`` bounds the one thing that is not).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

SPACE = " \t\n\r\f\v"
"""White space of PostgreSQL's scanner: ASCII only, a no-break space is part of an identifier."""

_WORD = r"[A-Za-z0-9_$\x80-\U0010ffff]"
_ESCAPED = rf"(?<=[eE]')(?<!{_WORD}[eE]')[^'\\]*+(?:(?:\\.|'')[^'\\]*+)*+"
QUOTED = rf"""'(?:{_ESCAPED}|[^']*+)(?P<quote>')?|"[^"]*+(?P<double>")?|--[^\n]*+|/\*|\$"""
"""What may hide a semicolon; doubled quotes read as two strings side by side, which comes to the same."""

_EDGE = re.compile(QUOTED, re.DOTALL)
_DOLLAR = re.compile(r"\$(?:[A-Za-z_\x80-\U0010ffff][A-Za-z0-9_\x80-\U0010ffff]*)?\$")
_WORD_CHARACTER = re.compile(_WORD)
_WORD_REST = re.compile(_WORD + "*")
_PARAMETER = re.compile(r"\$?\d*")
_SPACE = re.compile(r"[ \t\n\r\f\v]+|--[^\n]*")
_COMMENT_EDGE = re.compile(r"/\*|\*/")


def tokens(text: str, pattern: re.Pattern[str] = _EDGE, position: int = 0) -> Iterator[tuple[str, int, int]]:
    """Quoted text, comments and whatever else ``pattern`` (an extended :data:`QUOTED`) finds.

    Yields the token's opening characters, its start and its end; the end of quoted text that is never closed
    is ``len(text) + 1``, so that it can be told from text closed at the very end.
    """
    never = len(text) + 1
    while match := pattern.search(text, position):
        start, end = match.span()
        head = text[start]
        if head in "'\"":
            if not (match["quote"] or match["double"]):
                end = never
        elif head == "/":
            end = comment_end(text, start)
        elif head == "$":
            before = _word_start(text, position, start)
            if not _PARAMETER.fullmatch(text, before, start):  # a dollar sign inside an identifier
                position = _rest_of_word(text, start)
                continue
            opening = _DOLLAR.match(text, start)
            if not opening:
                position = end
                continue
            close = text.find(opening[0], opening.end())
            end = never if close < 0 else close + len(opening[0])
        yield head if head in "'\"$" else match[0], start, end
        position = end


def bare(text: str) -> str:
    """``text`` with every string, quoted name, dollar quote and comment replaced by ``''``."""
    if "/*" not in text and "$" not in text:
        return _EDGE.sub("''", text)
    parts, last = [], 0
    for _, start, end in tokens(text):
        parts.append(text[last:start])
        last = end
    parts.append(text[last:])
    return "''".join(parts)


def skip_space(text: str, position: int) -> int:
    """The first position from ``position`` on that is neither white space nor inside a comment."""
    while position < len(text):
        if text.startswith("/*", position):
            position = min(comment_end(text, position), len(text))
        elif match := _SPACE.match(text, position):
            position = match.end()
        else:
            break
    return position


def comment_end(text: str, position: int) -> int:
    """The position after the block comment that opens there (they nest); ``len(text) + 1`` if it stays open."""
    depth = 0
    for edge in _COMMENT_EDGE.finditer(text, position):
        depth += 1 if edge[0] == "/*" else -1
        if depth == 0:
            return edge.end()
    return len(text) + 1


def deepest_comment(text: str, start: int, end: int) -> int:
    """How deeply the block comment between the two positions is nested."""
    depth = deepest = 0
    for edge in _COMMENT_EDGE.finditer(text, start, end):
        depth += 1 if edge[0] == "/*" else -1
        deepest = max(deepest, depth)
    return deepest


def _word_start(text: str, floor: int, position: int) -> int:
    """Where the run of word characters that ends at ``position`` begins; ``floor`` is already read."""
    while position > floor and _WORD_CHARACTER.match(text[position - 1]):
        position -= 1
    return position


def _rest_of_word(text: str, position: int) -> int:
    match = _WORD_REST.match(text, position)
    return match.end() if match else position
