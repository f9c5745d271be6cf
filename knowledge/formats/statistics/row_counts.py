"""Row counts as people write them: ``orders=2M``."""

from __future__ import annotations

import re
from collections.abc import Iterable

from knowledge.formats.statistics.error import StatisticsError

MAX_ROWS = 10**12
"""More rows in one table are taken for a slip of the pen."""

_COUNT = re.compile(r"(?P<digits>\d[\d_,' ]*(?:\.\d+)?)\s*(?P<unit>[kKmMbBgG]|bn|[mM]io|million|billion|thousand)?")
_UNITS = {
    "": 1,
    **dict.fromkeys(("k", "thousand"), 10**3),
    **dict.fromkeys(("m", "mio", "million"), 10**6),
    **dict.fromkeys(("b", "g", "bn", "billion"), 10**9),
}


def row_count(text: str | int) -> int:
    """A row count: ``2000000``, ``2,000,000``, ``2_000_000``, ``2M``, ``1.5k``.

    Raises:
        StatisticsError: it is none, or above :data:`MAX_ROWS`.
    """
    match = _COUNT.fullmatch(str(text).strip())
    if match is None:
        raise StatisticsError(f"{str(text)[:40]!r} is no row count: write 2000000, 2M or 1.5k")
    digits = re.sub("[_,' ]", "", match["digits"])
    whole, _, part = digits.partition(".")
    unit = _UNITS[(match["unit"] or "").lower()]
    rows = int(whole) * unit + (int(part) * unit // 10 ** len(part) if part else 0)
    if rows > MAX_ROWS:
        raise StatisticsError(f"{str(text)[:40]!r} is more than {MAX_ROWS:,} rows")
    return rows


def row_counts(items: Iterable[str]) -> dict[str, int]:
    """Row counts by table from ``table=count``; a table may be ``schema.table``.

    Raises:
        StatisticsError: an item has another form.
    """
    found: dict[str, int] = {}
    for item in items:
        table, equals, count = item.rpartition("=")
        if not equals or not table.strip():
            raise StatisticsError(f"{item[:60]!r} does not have the form table=rows")
        found[table.strip()] = row_count(count)
    return found
