"""Deprecation, sunset and stability: what is announced, and whether it is kept.

The date of an end stands in the extension ``x-sunset``; RFC 8594 (Sunset) and RFC 9745 (Deprecation) are the headers
that say the same in answers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from knowledge.api_diff.change import Level

NOTICE_DAYS = 30
"""An end that is nearer than this when it is announced leaves clients no time."""
STABILITIES = ("draft", "alpha", "beta", "stable")
LifecycleChange = tuple[str, str, str, Level | None]


def sunset_of(value: Mapping[str, Any]) -> tuple[str, date | None]:
    """The announced end as written (empty where there is none) and as a date, ``None`` where it is not readable."""
    written = value.get("x-sunset")
    if written is None or written == "":
        return "", None
    if isinstance(written, datetime):
        return written.isoformat(), written.date()
    if isinstance(written, date):
        return written.isoformat(), written
    text = str(written).strip()
    return text, _date(text)


def _date(text: str) -> date | None:
    """A full date, a timestamp (RFC 3339), an HTTP date (RFC 9110) or seconds as in RFC 9745."""
    if text.startswith("@") and text[1:].isdigit() and len(text) < 13:
        return datetime.fromtimestamp(int(text[1:]), tz=UTC).date()
    try:
        return datetime.fromisoformat(text).date()
    except ValueError:
        pass
    try:
        return parsedate_to_datetime(text).date()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def stability_of(value: Mapping[str, Any]) -> str:
    """The stated level of stability; what states none is stable."""
    found = str(value.get("x-stability-level") or "").lower()
    return found if found in STABILITIES else "stable"


def lifecycle_changes(old: Mapping[str, Any], new: Mapping[str, Any], today: date) -> Iterator[LifecycleChange]:
    """What happened, the old value, the new one, and a level where that of the sort does not fit."""
    before, after = old.get("deprecated") is True, new.get("deprecated") is True
    if before != after:
        yield ("deprecated" if after else "undeprecated"), "", "", None
    was, ended = sunset_of(old)
    now, ends = sunset_of(new)
    if was != now:
        yield _sunset(was, ended, now, ends, today)
    first, second = stability_of(old), stability_of(new)
    if first != second:
        lowered = STABILITIES.index(second) < STABILITIES.index(first)
        yield ("stability-lowered" if lowered else "stability-raised"), first, second, None


def _sunset(was: str, ended: date | None, now: str, ends: date | None, today: date) -> LifecycleChange:
    if now and ends is None:
        return "sunset-unreadable", was, now, None
    if was and ended is None:
        return "sunset-readable", was, now, None
    if not was:
        return "sunset-added", was, now, _short(ends, today)
    if not now:
        return "sunset-removed", was, now, None
    if ended == ends or ended is None or ends is None:
        return "sunset-rewritten", was, now, None
    return ("sunset-sooner" if ends < ended else "sunset-later"), was, now, None


def _short(ends: date | None, today: date) -> Level | None:
    """Breaking where the end comes without notice."""
    return Level.BREAKING if ends is not None and (ends - today).days < NOTICE_DAYS else None


def removal_level(value: Mapping[str, Any], today: date, otherwise: Level) -> Level:
    """How bad it is that something is gone, by what was announced.

    Safe after its sunset, and where it was never promised to be stable; breaking before its sunset; risky if it was
    deprecated without a date; ``otherwise`` where nothing was announced.
    """
    if stability_of(value) in ("draft", "alpha"):
        return Level.SAFE
    written, ends = sunset_of(value)
    if ends is not None:
        return Level.SAFE if ends <= today else Level.BREAKING
    if value.get("deprecated") is True and not written:
        return min(Level.RISKY, otherwise, key=lambda level: -level.rank)
    return otherwise
