"""Telling clients to leave an operation: ``Deprecation`` (RFC 9745), ``Sunset`` (RFC 8594) and links."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from email.utils import format_datetime

EXTENSION = "x-deprecation"
"""Under this name the documentation of an operation says when, and the route finds it."""


def deprecation_headers(since: date, sunset: date | None = None, link: str = "") -> dict[str, str]:
    """The headers of every answer of the operation.

    Args:
        since: the day from which on nobody should begin to use it.
        sunset: the day from which on it may be gone.
        link: a page that says what to use instead.
    """
    headers = {"Deprecation": f"@{int(_midnight(since).timestamp())}"}
    if sunset is not None:
        headers["Sunset"] = format_datetime(_midnight(sunset), usegmt=True)
    if link:
        relations = ["deprecation", *(["sunset"] if sunset is not None else [])]
        headers["Link"] = ", ".join(f'<{link}>; rel="{relation}"; type="text/html"' for relation in relations)
    return headers


def documented(since: str, sunset: str = "", link: str = "") -> dict[str, dict[str, str]]:
    """What a route's ``openapi_extra`` says of it; days as ``2026-01-31``."""
    told = {"since": since, "sunset": sunset, "link": link}
    return {EXTENSION: {name: value for name, value in told.items() if value}}


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)
