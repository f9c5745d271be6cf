"""A statement without its values: what is equal for all executions of one query.

Lexical, so that it holds for every dialect and for SQL that no parser of ours reads.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_QUOTED_STRING = r"(?:\b[eE]|\b[nN]|\b[xXbB])?'(?:[^'\\]|''|\\.)*'"
_TOKEN = re.compile(
    rf"""
    (?P<comment>--[^\n]*|/\*.*?\*/)
  | (?P<name>"(?:[^"]|"")*"|`[^`]*`)
  | (?P<value>{_QUOTED_STRING}
      | \$(?P<tag>\w*)\$.*?\$(?P=tag)\$
      | (?<![\w.$])[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\b
      | \b(?:true|false|null)\b(?!\s*\()
      | \$\d+|\?(?![|&?])|%s|%\(\w+\)s|(?<![:\w]):[A-Za-z_]\w*|@\w+)
  | (?P<space>\s+)
""",
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_LISTS = re.compile(r"\(\s*\?(?:\s*,\s*\?)+\s*\)")
_ROWS = re.compile(r"(?<=values )\(\?\)(?:\s*,\s*\(\?\))+", re.IGNORECASE)
_KEYWORDS = re.compile(r"\bis\s+(?:not\s+)?$", re.IGNORECASE)


@dataclass(frozen=True)
class Value:
    """A literal or placeholder, where it stands in the text."""

    text: str
    begin: int
    end: int


def values_of(sql: str) -> tuple[Value, ...]:
    """The literals and placeholders of a statement, in order; ``IS NULL`` and the like hold none."""
    return tuple(
        Value(match[0], *match.span())
        for match in _TOKEN.finditer(sql)
        if match["value"] and not _KEYWORDS.search(sql, 0, match.start())
    )


def fingerprint(sql: str) -> str:
    """The statement with ``?`` for each value, one space between words, no comments, unquoted words in lower case."""
    parts: list[str] = []
    position = 0
    for match in _TOKEN.finditer(sql):
        parts.append(sql[position : match.start()].lower())
        position = match.end()
        if match["name"]:
            parts.append(match[0])
        elif match["value"]:
            parts.append(match[0].lower() if _KEYWORDS.search(sql, 0, match.start()) else "?")
        else:
            parts.append(" ")
    parts.append(sql[position:].lower())
    text = " ".join("".join(parts).split()).rstrip("; ")
    return _ROWS.sub("(?)", _LISTS.sub("(?)", text))
