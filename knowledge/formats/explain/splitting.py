"""Splits lists of SQL expressions as EXPLAIN prints them."""

from __future__ import annotations

import re

_PIECE = re.compile(r"""'(?:[^']|'')*'?|"(?:[^"]|"")*"?|[()\[\]{}]|,\s|[^'"()\[\]{},]+|,""")
_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")


def split_list(text: str) -> list[str]:
    """The expressions of a list, apart at the commas outside of brackets and quotes."""
    parts: list[str] = []
    current: list[str] = []
    depth = 0
    for piece in _PIECE.findall(text):
        if piece in _OPENING:
            depth += 1
        elif piece in _CLOSING:
            depth = max(0, depth - 1)
        if piece.startswith(",") and depth == 0 and len(piece) > 1:
            parts.append("".join(current).strip())
            current = []
        else:
            current.append(piece)
    parts.append("".join(current).strip())
    return parts


def unquoted(identifier: str) -> str:
    """An identifier without the quotes SQL needs around it."""
    if len(identifier) >= 2 and identifier[0] == identifier[-1] == '"':
        return identifier[1:-1].replace('""', '"')
    return identifier
