"""Placeholders of the libraries (``?``, ``%s``, ``:name``) as PostgreSQL has them: ``$1`` and on."""

from __future__ import annotations

import re

from knowledge.query_log.fingerprint import values_of

_PLACEHOLDER = re.compile(r"\$\d+|\?|%s|%\(\w+\)s|:\w+|@\w+")


def numbered(sql: str) -> str:
    """``sql`` with its placeholders as ``$1`` and on; one name gets one number. PostgreSQL's own stay as they are."""
    return _written(sql, -1, "", 1) if not re.search(r"\$\d", sql) else sql


def replaced(sql: str, place: int, text: str) -> str:
    """``sql`` with ``text`` for its value at ``place`` and its other placeholders as ``$2`` and on."""
    return _written(sql, place, text, 2)


def _written(sql: str, special: int, text: str, first: int) -> str:
    parts: list[str] = []
    position = 0
    numbers: dict[str, int] = {}
    for place, value in enumerate(values_of(sql)):
        parts.append(sql[position : value.begin])
        position = value.end
        if place == special:
            parts.append(text)
        elif _PLACEHOLDER.fullmatch(value.text):
            name = str(place) if value.text in ("?", "%s") else value.text
            parts.append(f"${numbers.setdefault(name, len(numbers) + first)}")
        else:
            parts.append(value.text)
    return "".join([*parts, sql[position:]])
