"""The values in a JSON or YAML text, read within bounds; what a parser would pass over in silence is reported."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from knowledge.api.yaml_marks import Marks

MOST_DEPTH = 500
MOST_CHARACTERS = 64 * 1024 * 1024
UNREADABLE = "document-unreadable"
DUPLICATE_KEY = "document-duplicate-key"


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a text before any rule looks at it: where, by line and column or by pointer."""

    rule: str
    message: str
    line: int = 0
    column: int = 0
    pointer: tuple[str | int, ...] | None = None


@dataclass
class Reading:
    """The value of a text. ``marks`` tells the places in YAML; JSON is scanned for them when they are needed."""

    value: Any
    readable: bool = True
    problems: list[Problem] = field(default_factory=list)
    marks: Marks | None = None


def unreadable(message: str, line: int = 1, column: int = 1) -> Reading:
    """A text whose value is not known."""
    return Reading({}, readable=False, problems=[Problem(UNREADABLE, message, line, column)])


def duplicate(name: str, line: int = 0, column: int = 0, pointer: tuple[str | int, ...] | None = None) -> Problem:
    """A key that stands twice (RFC 8259 leaves open what that means)."""
    message = f"the key {name[:80]!r} stands twice in one object: this reader takes the last, others the first"
    return Problem(DUPLICATE_KEY, message, line, column, pointer)


def read(text: str) -> Reading:
    """The value of ``text``: JSON where it is JSON, else YAML. Nothing is raised."""
    if len(text) > MOST_CHARACTERS:
        return unreadable(f"the document has {len(text):,} characters, more than {MOST_CHARACTERS:,}")
    if text.lstrip("\ufeff \t\r\n")[:1] in ("{", "["):
        found = _json(text)
        if found is not None:
            return found
    from knowledge.api.yaml_reading import read_yaml

    return read_yaml(text)


def _json(text: str) -> Reading | None:
    """The value of a JSON text; ``None`` where it is none (it may still be YAML, which has braces as well)."""
    twice: dict[int, tuple[dict[str, Any], list[str]]] = {}

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(found)
        if len(made) != len(found):
            names = [name for name, _ in found]
            twice[id(made)] = made, sorted({name for name in names if names.count(name) > 1})
        return made

    try:
        value = json.loads(text.removeprefix("\ufeff"), object_pairs_hook=pairs)
    except RecursionError:
        return unreadable(f"the document is nested more than {MOST_DEPTH} levels deep")
    except ValueError:
        return None
    problems = []
    if twice:
        for pointer, container in containers(value):
            for name in twice[id(container)][1] if id(container) in twice else ():
                problems.append(duplicate(name, pointer=(*pointer, name)))
    return Reading(value, problems=problems)


def containers(value: Any) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Every mapping and list in ``value`` with its pointer, in no particular order; shared ones once."""
    waiting: list[tuple[tuple[str | int, ...], Any]] = [((), value)]
    seen: set[int] = set()
    while waiting:
        pointer, item = waiting.pop()
        if isinstance(item, dict | list) and id(item) not in seen:
            seen.add(id(item))
            yield pointer, item
            for step, child in item.items() if isinstance(item, dict) else enumerate(item):
                if isinstance(child, dict | list):
                    waiting.append(((*pointer, step), child))
