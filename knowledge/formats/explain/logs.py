"""Finds the plan in a server log: what ``auto_explain`` writes."""

from __future__ import annotations

import re

from knowledge.formats.explain.source import Line

_DURATION = re.compile(r"duration: (\d[\d.]*) ms +plan:")
_NEXT = re.compile(r"\S.*\b(?:LOG|STATEMENT|CONTEXT|ERROR|DETAIL|HINT|WARNING|FATAL|NOTICE):  ")
_CSV_END = re.compile(r'",{3,}.*\Z')


def log_entry(lines: list[Line]) -> tuple[list[Line], float | None]:
    """The lines of the first plan of a log, and how many milliseconds it took; all lines where it is no log."""
    for place, line in enumerate(lines):
        match = _DURATION.search(line.text)
        if match:
            entry = [line.with_text(line.text[match.end() :])]
            for following in lines[place + 1 :]:
                if _NEXT.match(following.text) or _DURATION.search(following.text):
                    break
                entry.append(following.with_text(_CSV_END.sub("", following.text)))
            return entry, float(match.group(1)) if match.group(1).count(".") <= 1 else None
    return lines, None
