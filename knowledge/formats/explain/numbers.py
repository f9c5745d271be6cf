"""Numbers as EXPLAIN prints them."""

from __future__ import annotations

import math
import re

_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,3})?\Z")
_EXACT_DIGITS = 25
"""Integers up to this length stay exact (a query identifier has 20 places); longer ones are estimates."""


def number(text: str) -> int | float | None:
    """The number a text is, or ``None``: no infinities, and nothing that does not fit a double."""
    if not _NUMBER.match(text):
        return None
    if text.lstrip("+-").isdigit() and len(text) <= _EXACT_DIGITS:
        return int(text)
    value = float(text)
    return value if math.isfinite(value) else None
