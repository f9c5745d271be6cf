"""Path templates in a tree of segments, to find those that one URL fits without a winner."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from knowledge.api.node import Node
from knowledge.rules.api._operations import type_names

VARIABLE = "{}"
MOST_STEPS = 2_000
"""Branches looked at for one template; documents that need more are not searched further."""

_HEX = r"[0-9a-fA-F]"
_FORMATS = {
    "uuid": re.compile(rf"{_HEX}{{8}}-?({_HEX}{{4}}-?){{3}}{_HEX}{{12}}\Z"),
    "date": re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z"),
    "date-time": re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T"),
}


class Crossings:
    """Templates whose variables have no names, as they come."""

    def __init__(self) -> None:
        self.templates: dict[str, Node] = {}
        self._tree: dict[str, Any] = {}

    def add(self, template: str, node: Node) -> None:
        """Remember a template."""
        self.templates.setdefault(template, node)
        tree = self._tree
        for part in template.split("/"):
            tree = tree.setdefault(part, {})
        tree.setdefault("", {})["/"] = template

    def crossing(self, template: str) -> Iterator[str]:
        """Remembered templates that have a variable where this one has a literal, and the other way round."""
        parts = template.split("/")
        stack: list[tuple[dict[str, Any], int, bool, bool]] = [(self._tree, 0, False, False)]
        for _ in range(MOST_STEPS):
            if not stack:
                return
            tree, index, mine, theirs = stack.pop()
            if index == len(parts):
                found = tree.get("", {}).get("/") if mine and theirs else None
                if isinstance(found, str):
                    yield found
                continue
            part = parts[index]
            rest = VARIABLE in parts[index + 1 :]
            fixed = mine or any(_plain(later) for later in parts[index + 1 :])
            for key, below in tree.items():
                if not isinstance(below, dict) or (key == "" and part != ""):
                    continue
                if key == part:
                    stack.append((below, index + 1, mine, theirs))
                elif key == VARIABLE and _plain(part):
                    if theirs or rest:
                        stack.append((below, index + 1, True, theirs))
                elif part == VARIABLE and fixed and _plain(key):
                    stack.append((below, index + 1, mine, True))


def _plain(part: str) -> bool:
    return part != "" and "{" not in part


def admits(schema: Mapping[str, Any], literal: str) -> bool:
    """Whether a literal segment may be a value of a variable."""
    kinds = type_names(schema)
    if kinds and kinds <= {"integer", "number"} and not re.fullmatch(r"-?[0-9.]+", literal):
        return False
    if kinds == {"boolean"} and literal not in ("true", "false"):
        return False
    allowed = schema.get("enum")
    if isinstance(allowed, list) and literal not in allowed:
        return False
    known = _FORMATS.get(str(schema.get("format")))
    if known is not None and not known.match(literal):
        return False
    pattern = schema.get("pattern")
    if isinstance(pattern, str):
        try:
            return re.search(pattern, literal) is not None
        except re.error:
            return True
    return True
