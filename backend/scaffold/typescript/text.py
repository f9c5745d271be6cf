"""TypeScript as text: which characters are code, and which are strings and comments."""

from __future__ import annotations

import re

_LITERAL = re.compile(
    r'"(?:[^"\\\n]|\\.)*"'
    r"|'(?:[^'\\\n]|\\.)*'"
    r"|`(?:[^`\\]|\\.)*`"
    r"|//[^\n]*"
    r"|/\*.*?\*/",
    re.DOTALL,
)
_NAMES = re.compile(r"(?:(?<=\.\.\.)|(?<![\w$.]))[A-Za-z_$][\w$]*(?![\w$])(?!\??:)")
_INSERTED = re.compile(r"\$\{([^}]*)\}")


def blanked(text: str) -> str:
    """The text with every character of a string or comment replaced by a space, so that places stay what they are.

    Line ends stay too. Regular expressions are not known: templates of this package write none.
    """
    return _LITERAL.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)


def names(text: str) -> frozenset[str]:
    """What the code refers to; template strings count, comments, members and the keys of objects do not."""
    inserted = " ".join(
        part for found in _LITERAL.finditer(text) if found[0].startswith("`") for part in _INSERTED.findall(found[0])
    )
    return frozenset(_NAMES.findall(f"{blanked(text)} {inserted}"))
