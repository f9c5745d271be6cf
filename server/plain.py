"""Text of others inside our own: one line, no control characters, fences that cannot be closed early.

Identifiers, comments, rows and server messages come from files and databases that the caller may not
control. They are shown as data; nothing in them can start a new line of ours or end a fence of ours.
"""

from __future__ import annotations

import re
import unicodedata

_BACKTICKS = re.compile(r"`{3,}")
_SPACES = re.compile(r"[ \t\r\n\f\v\u2028\u2029\x85]+")


def visible(text: str) -> str:
    """``text`` without control, format and unassigned characters (ANSI escapes, bidi, zero width)."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        char if char in "\n\t" or unicodedata.category(char) not in ("Cc", "Cf", "Co", "Cn", "Cs") else "�"
        for char in text
    )


def one_line(text: str, limit: int = 0) -> str:
    """``text`` on one line; over ``limit`` characters (0: no limit) it is cut, and says so."""
    line = visible(_SPACES.sub(" ", text)).strip()
    return clipped(line, limit) if limit else line


def clipped(text: str, limit: int) -> str:
    """``text`` cut to about ``limit`` characters, with the number that is missing."""
    return text if len(text) <= limit else f"{text[:limit]}… (+{len(text) - limit:,} characters)"


def fenced(text: str, language: str = "") -> str:
    """A Markdown code block holding ``text``, its fence longer than any inside."""
    body = visible(text).strip("\n")
    longest = max((len(run) for run in _BACKTICKS.findall(body)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{body}\n{fence}"
