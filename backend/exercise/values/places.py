"""The places of a value that a schema describes: where a fault can be put."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from backend.exercise.schemas import Schema, Schemas

DEEPEST = 4
MOST = 200
"""Places of one schema."""


@dataclass(frozen=True)
class Place:
    """A part of a value."""

    path: tuple[str | int, ...]
    """Keys and indexes from the top; empty for the whole."""
    schema: Schema
    """Resolved, and of the alternative that is not null."""
    required: bool = True
    nullable: bool = False

    @property
    def name(self) -> str:
        """As in ``address.lines.0``."""
        return ".".join(str(part) for part in self.path)


def places(schemas: Schemas, schema: Schema) -> list[Place]:
    """Every place of a schema, the whole first; those behind an index are described by index 0."""
    found = []
    for place in _walk(schemas, schema, (), True):
        found.append(place)
        if len(found) == MOST:
            break
    return found


def settled(schemas: Schemas, schema: Schema) -> tuple[Schema, bool]:
    """The one alternative of a schema that is not null, and whether null is allowed; several stay alternatives."""
    whole = schemas.resolve(schema)
    nullable = isinstance(whole.get("type"), list) and "null" in whole["type"]
    for key in ("anyOf", "oneOf"):
        others = [each for each in whole.get(key, []) if schemas.resolve(each).get("type") != "null"]
        nullable = nullable or (key in whole and len(others) < len(whole[key]))
        if len(others) == 1:
            inner, also = settled(schemas, others[0])
            rest = {name: value for name, value in whole.items() if name != key}
            return {**rest, **inner}, nullable or also
    if isinstance(whole.get("type"), list):
        others = [each for each in whole["type"] if each != "null"]
        if len(others) == 1:
            whole = {**whole, "type": others[0]}
    return whole, nullable


def at(value: Any, path: tuple[str | int, ...]) -> Any:
    """The part of ``value`` at a path, ``None`` where it has none."""
    for part in path:
        try:
            value = value[part]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def put(value: Any, path: tuple[str | int, ...], part: Any) -> Any:
    """A copy of ``value`` with ``part`` at a path; what is missing on the way is made."""
    if not path:
        return part
    changed = copy.deepcopy(value)
    inner = changed
    for step, following in itertools.pairwise(path):
        empty: Any = [] if isinstance(following, int) else {}
        if isinstance(inner, list):
            if not inner or not isinstance(inner[0], type(empty)):
                inner[:1] = [empty]
            inner = inner[0]
        else:
            if not isinstance(inner.get(step), type(empty)):
                inner[step] = empty
            inner = inner[step]
    if isinstance(inner, list):
        inner[:1] = [part]
    else:
        inner[path[-1]] = part
    return changed


def without(value: Any, path: tuple[str | int, ...]) -> Any:
    """A copy of ``value`` without the part at a path."""
    changed = copy.deepcopy(value)
    holder = at(changed, path[:-1])
    if isinstance(holder, dict):
        holder.pop(path[-1], None)
    return changed


def _walk(schemas: Schemas, schema: Schema, path: tuple[str | int, ...], required: bool) -> Iterator[Place]:
    whole, nullable = settled(schemas, schema)
    for part in whole.get("allOf", []):
        inner = settled(schemas, part)[0]
        whole = {**inner, **whole, "properties": {**inner.get("properties", {}), **whole.get("properties", {})}}
    yield Place(path, whole, required, nullable)
    if len(path) >= DEEPEST:
        return
    needed = whole.get("required", [])
    for name, part in whole.get("properties", {}).items():
        if isinstance(part, Mapping) and not part.get("readOnly"):
            yield from _walk(schemas, part, (*path, name), name in needed)
    if isinstance(whole.get("items"), Mapping):
        yield from _walk(schemas, whole["items"], (*path, 0), False)
