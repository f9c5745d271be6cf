"""Times of day in logs, as seconds."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:[.,](\d{1,6}))?")


def seconds(text: str) -> float | None:
    """Seconds since the epoch of the first date and time in ``text``, zones left aside; ``None`` without one."""
    found = _MOMENT.search(text)
    if found is None:
        return None
    try:
        moment = datetime.fromisoformat(f"{found[1]}T{found[2]}").replace(tzinfo=UTC)
    except ValueError:
        return None
    return moment.timestamp() + (float(f"0.{found[3]}") if found[3] else 0.0)
