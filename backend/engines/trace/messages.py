"""PostgreSQL's own words about a statement, kept where they are evidence."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

SAY_MORE = "SET client_min_messages = debug1; SET max_parallel_maintenance_workers = 0"
"""DEBUG1 tells of rewrites and scans; without parallel workers every row read is counted here."""

_TELLING = re.compile(
    r"rewriting table|verifying table|validating foreign key constraint|building index|sufficient to prove"
    r"|is implied by existing constraints"
)
"""Words of the source that tell of work on rows; the rest of DEBUG1 is about caches and files."""
MOST = 50


@dataclass
class Words:
    """Collects what arrives on one connection. ``notices`` are what every client would see."""

    debug: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    def hear(self, _connection: Any, message: Any) -> None:
        """A log listener for asyncpg."""
        level = getattr(message, "severity_en", "") or message.severity or ""
        text = message.message or ""
        if level.startswith("DEBUG"):
            if _TELLING.search(text) and "pg_toast_" not in text:
                self.debug.append(text)
        elif len(self.notices) < MOST:
            detail = f" ({message.detail})" if message.detail else ""
            self.notices.append(f"{level}: {text}{detail}")

    def drain(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """DEBUG1 words and notices since the last call."""
        heard = tuple(self.debug), tuple(self.notices)
        self.debug.clear()
        self.notices.clear()
        return heard
