"""Fields in words: ``title string``, ``status open|done``, or a name that says of itself what it holds."""

from __future__ import annotations

import re
from typing import Any, Final

from knowledge.design.sentence import FeatureError, shown

Values = dict[str, Any]

KINDS: Final = frozenset("string text integer decimal boolean datetime date uuid json".split())
_GUESSES: Final = (
    (r".*_(at|time)|timestamp", {"type": "datetime"}),
    (r".*_(on|date)|date|birthday|deadline", {"type": "date"}),
    (r"(is|has|can|was)_.*|.*able|active|enabled|done|archived|featured", {"type": "boolean"}),
    (r"(price|amount|total|cost|balance|fee)(_.*)?|.*_(price|amount|total|cost|fee)", {"type": "decimal"}),
    (r".*_?(count|quantity|number|age|year|position|rank|score|size|points|likes)", {"type": "integer"}),
    (r".*_?email", {"type": "string", "format": "email"}),
    (r".*_?(url|link|website|homepage)", {"type": "string", "format": "url"}),
    (r".*_?slug|handle", {"type": "string", "format": "slug", "max_length": 100}),
    (r"body|text|content|description|comment|message|notes?|bio", {"type": "text"}),
    (r"status|state|kind|type|category|priority|role", {"type": "string", "max_length": 40}),
)
"""What a field's name says of its type, where nobody did. First match counts; else a string of 200 characters."""


def guessed(name: str) -> Values:
    """A field of which only the name is known."""
    return next((dict(kind) for pattern, kind in _GUESSES if re.fullmatch(pattern, name)), None) or {
        "type": "string",
        "max_length": 200,
    }


def declared(text: str) -> tuple[str, Values | None, bool]:
    """``title string`` or ``status open|done``: the name, the type (``None`` where none is said), whether it may lack.

    Raises:
        FeatureError: it has no such type, or says more than a type.
    """
    words = text.strip().split()
    optional = "optional" in words
    name, *kind = [word for word in words if word not in ("optional", "required")] or [""]
    name = re.sub(r"[^a-z0-9]+", "_", name).strip("_")
    if not name:
        raise FeatureError(f"{shown(text)} names no field; write for example: fields title string, status open|done")
    if len(kind) > 1:
        raise FeatureError(f"field {shown(text)}: one type follows the name, and perhaps optional")
    if not kind:
        return name, None, optional
    if "|" in kind[0]:
        return name, {"type": "enum", "values": kind[0].split("|")}, optional
    if kind[0] not in KINDS:
        known = ", ".join(sorted(KINDS))
        raise FeatureError(f"field {name}: {shown(kind[0])} is no type; use {known} or values as a|b|c")
    return name, {"type": kind[0]}, optional
