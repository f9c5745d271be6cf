"""Places in a text: what every reader of a language shares."""

from __future__ import annotations

import re
from bisect import bisect_right

from knowledge.report import Location
from knowledge.statement import Problem

MAX_CHARACTERS = 16 * 1024 * 1024
"""Length of a text beyond which it is not read."""

_NEWLINE = re.compile(r"\n")


class Lines:
    """Locations by character offset; ``first`` is the line of ``path`` at which the text begins."""

    def __init__(self, text: str, path: str, first: int) -> None:
        self._starts = [0, *(match.end() for match in _NEWLINE.finditer(text))]
        self._path, self._first = path, first

    def at(self, offset: int) -> Location:
        """The line and column of a character."""
        row = bisect_right(self._starts, offset) - 1
        return Location(path=self._path, line=self._first + row, column=offset - self._starts[row] + 1)


def unreadable(text: str, path: str, line: int) -> Problem | None:
    """Why no reader of SQL can take the text at all, or ``None``."""
    start = Location(path=path, line=line)
    if "\0" in text:
        return Problem(Lines(text, path, line).at(text.index("\0")), "the text contains a NUL character")
    if len(text) > MAX_CHARACTERS:
        return Problem(start, f"the text has {len(text):,} characters; the limit is {MAX_CHARACTERS:,}. Split it")
    try:
        text.encode()
    except UnicodeEncodeError:
        return Problem(start, "the text is not valid Unicode")
    return None
