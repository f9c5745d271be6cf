"""What a violated constraint means to the client."""

from __future__ import annotations

import re

from sqlalchemy.exc import IntegrityError

from .errors import AppError, ConflictError, Detail, ValidationError

SQLITE_UNIQUE = re.compile(r"UNIQUE constraint failed: (.+)")
POSTGRES_KEY = re.compile(r"Key \((?P<columns>.+?)\)=")
HIDDEN = frozenset({"tenant_id"})
"""Columns that clients neither send nor see."""


def conflict_of(error: IntegrityError) -> AppError:
    """The error to answer: 409 for a value that is taken or a row still in use, 422 for a missing reference."""
    cause = getattr(error.orig, "__cause__", None)
    state = getattr(error.orig, "sqlstate", None)
    text = str(error.orig)
    if state == "23505":
        return _taken(_columns(getattr(cause, "detail", "")))
    if found := SQLITE_UNIQUE.search(text):
        return _taken([name.rpartition(".")[2] for name in found[1].split(", ")])
    if state in ("23503", "23001") or "FOREIGN KEY" in text:
        return _dangling(_columns(getattr(cause, "detail", "")), str(getattr(cause, "detail", "")))
    return ConflictError("The change contradicts what is stored")


def _taken(columns: list[str]) -> AppError:
    details: list[Detail] = [
        {"field": f"body.{name}", "code": "taken", "message": "This value is taken"}
        for name in columns
        if name not in HIDDEN
    ]
    return ConflictError("A value that must be unique is taken", details)


def _dangling(columns: list[str], detail: str) -> AppError:
    if "is not present" not in detail:  # SQLite does not say which way round, the checks before the write do
        return ConflictError("Other resources still refer to this one")
    return ValidationError(
        [
            {"field": f"body.{name}", "code": "missing_reference", "message": "There is no such resource"}
            for name in columns
            if name not in HIDDEN
        ]
    )


def _columns(detail: str | None) -> list[str]:
    found = POSTGRES_KEY.search(detail or "")
    return [name.strip(' "') for name in found["columns"].split(",")] if found else []
