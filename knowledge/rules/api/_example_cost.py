"""Whether values can be held against a schema in bounded time: circles and doubling of references may take for ever.

Only keywords that look at the same value count (references, allOf, anyOf, oneOf): all others go down into the value,
which ends.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

MOST_BRANCHES = 2_000
"""Schemas that one value may be held against."""
MOST_CHAIN = 100
"""References in a row."""
IN_PLACE = ("allOf", "anyOf", "oneOf")
NAMES = frozenset({"properties", "patternProperties", "$defs"})
VALUES = frozenset({"const", "enum", "required", "type"})


def affordable(whole: dict[str, Any]) -> bool:
    """Whether no value below is held against more than ``MOST_BRANCHES`` schemas of a document with ``$defs``."""
    known: dict[str, int] = {}
    definitions = whole.get("$defs", {})
    return all(_branches(schema, definitions, known, ()) <= MOST_BRANCHES for schema in _schemas(whole))


def _schemas(whole: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every schema object in it."""
    waiting: list[Any] = [whole]
    while waiting:
        item = waiting.pop()
        if isinstance(item, list):
            waiting.extend(item)
        elif isinstance(item, dict):
            yield item
            for key, value in item.items():
                if key in NAMES and isinstance(value, dict):
                    waiting.extend(value.values())
                elif key not in VALUES:
                    waiting.append(value)


def _branches(schema: Any, definitions: dict[str, Any], known: dict[str, int], chain: tuple[str, ...]) -> int:
    """How many schemas look at the value that ``schema`` looks at; above the bound it is not counted on."""
    if not isinstance(schema, dict):
        return 1
    total = 1
    reference = schema.get("$ref")
    if isinstance(reference, str):
        name = reference.rpartition("/")[2]
        if name in chain or len(chain) >= MOST_CHAIN:
            return MOST_BRANCHES + 1
        if name not in known:
            known[name] = _branches(definitions.get(name), definitions, known, (*chain, name))
        total += known[name]
    for key in IN_PLACE:
        for item in schema.get(key, ()):
            if total > MOST_BRANCHES:
                return total
            total += _branches(item, definitions, known, chain)
    return total
