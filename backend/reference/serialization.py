"""Rows to JSON in one pass, without a model in between."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson

OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC
"""Times are UTC and say so."""


def to_json(value: Any) -> bytes:
    """``value`` as JSON: rows as objects, UUIDs and decimals as strings, times in UTC.

    Raises:
        TypeError: there is no JSON for it.
    """
    return orjson.dumps(value, _default, OPTIONS)


def as_json(row: Mapping[str, Any]) -> dict[str, Any]:
    """``row`` with JSON values only, as the payload of an event."""
    found: dict[str, Any] = orjson.loads(to_json(row))
    return found


def _default(value: Any) -> Any:
    if isinstance(value, UUID | Decimal):  # drivers bring subclasses of their own
        return str(value)
    if isinstance(value, Mapping):
        return dict(value)
    items = getattr(value, "items", None)
    if items is not None:  # a driver's row is a mapping that does not say so
        return dict(items())
    raise TypeError(f"{type(value).__name__} is not JSON serializable")
