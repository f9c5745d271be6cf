"""Columns counted in characters where a parser counts bytes."""

from __future__ import annotations

import re
from bisect import bisect_left


class ByteColumns:
    """The bytes of a text that begin no character, so that one look-up a place is enough."""

    def __init__(self, raw: bytes) -> None:
        self._inner = [] if raw.isascii() else [match.start() for match in re.finditer(rb"[\x80-\xbf]", raw)]
        self._starts = [0, *(match.end() for match in re.finditer(rb"\n", raw))]

    def at(self, line: int, column: int) -> int:
        """The column in characters, from 1, of a byte ``column`` from 0 in a ``line`` from 1."""
        start = self._starts[min(line, len(self._starts)) - 1]
        return column - (bisect_left(self._inner, start + column) - bisect_left(self._inner, start)) + 1
