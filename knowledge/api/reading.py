"""The values in a JSON or YAML text, read within bounds; what a parser would pass over in silence is reported."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a text before any rule looks at it."""

    rule: str
    message: str
    line: int = 0
    column: int = 0
    pointer: tuple[str | int, ...] | None = None
    """Where it stands, for problems that are found without a line."""


@dataclass
class Reading:
    """The value of a text."""

    value: Any
    is_json: bool
    readable: bool = True
    problems: list[Problem] = field(default_factory=list)


def read(text: str) -> Reading:
    """The value of ``text``: JSON where it is JSON, else YAML. Nothing is raised."""
    if text.lstrip("\ufeff \t\r\n")[:1] in ("{", "["):
        found = _json(text.removeprefix("\ufeff"))
        if found is not None:
            return found
    from knowledge.api.yaml_reading import read_yaml

    return read_yaml(text)


def _json(text: str) -> Reading | None:
    """The value of a JSON text; ``None`` where it is none (it may still be YAML, which has braces as well)."""
    twice: list[str] = []

    def pairs(found: list[tuple[str, Any]]) -> Mapping[str, Any]:
        made = dict(found)
        if len(made) != len(found):
            names = [name for name, _ in found]
            twice.extend(sorted({name for name in names if names.count(name) > 1}))
        return made

    try:
        value = json.loads(text, object_pairs_hook=pairs)
    except RecursionError:
        problem = Problem("document-unreadable", "the document is nested too deeply to be read", 1, 1)
        return Reading({}, is_json=True, readable=False, problems=[problem])
    except ValueError:
        return None
    problems = [Problem("document-duplicate-key", f"the key {name!r} stands twice in one object") for name in twice]
    return Reading(value, is_json=True, problems=problems)
