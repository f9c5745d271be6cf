"""The one form of a schema, whichever way it was written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from knowledge.api_diff.source import Place

Bound = tuple[float, bool]
"""A limit, and whether the limit itself is excluded."""


@dataclass(frozen=True, slots=True, eq=False)
class Both:
    """The value of a place where several schemas hold at once."""

    parts: tuple[Place, ...]


@dataclass(slots=True, eq=False)
class Branch:
    """Values of one type under a conjunction of constraints.

    ``kind`` is a type of JSON Schema, ``enum`` (then ``values`` are all there are) or ``any``.
    """

    kind: str
    place: Place
    implied: bool = False
    """No type was stated; the constraints make sense for this one only."""
    values: dict[str, Any] | None = None
    """Of an enumeration: each value by its canonical text."""
    least: dict[str, float] = field(default_factory=dict)
    """minLength, minItems, minProperties; what is 0 is left out."""
    most: dict[str, float] = field(default_factory=dict)
    """maxLength, maxItems, maxProperties."""
    minimum: Bound | None = None
    maximum: Bound | None = None
    sets: dict[str, frozenset[Any]] = field(default_factory=dict)
    """pattern, format, multipleOf, contentEncoding, contentMediaType: all of them hold."""
    unique: bool = False
    required: frozenset[str] = frozenset()
    dependent: dict[str, frozenset[str]] = field(default_factory=dict)
    """dependentRequired."""
    maps: dict[str, dict[str, Place]] = field(default_factory=dict)
    """properties, patternProperties, dependentSchemas."""
    single: dict[str, Place] = field(default_factory=dict)
    """additionalProperties, propertyNames, items, contentSchema and unevaluated*; what admits everything is left out.
    """
    prefix: tuple[Place, ...] = ()
    contains: tuple[tuple[Place, float, float], ...] = ()
    """Schema, minContains, maxContains."""
    excluded: tuple[Place, ...] = ()
    """``not``."""
    conditions: tuple[tuple[Place, Place, Place], ...] = ()
    """if, then, else."""
    rest: tuple[Place, ...] = ()
    """What else must hold and could not be merged."""

    @property
    def bare(self) -> bool:
        """Whether the kind is all there is to it."""
        return self.values is None and not (
            self.least
            or self.most
            or self.sets
            or self.required
            or self.dependent
            or self.maps
            or self.single
            or self.prefix
            or self.contains
            or self.excluded
            or self.conditions
            or self.rest
            or self.unique
            or self.minimum
            or self.maximum
        )


@dataclass(slots=True, eq=False)
class Shape:
    """A schema: the alternatives that it admits, and what is said about it beside.

    No branch at all admits nothing.
    """

    branches: tuple[Branch, ...]
    notes: Mapping[str, Any] = field(default_factory=dict)
    """default, deprecated, readOnly, writeOnly, discriminator and the extensions of the lifecycle."""
    exclusive: bool = False
    """Exactly one of the branches may hold (``oneOf``)."""

    @property
    def hidden_from(self) -> str:
        """The direction in which a property of this schema does not travel, if there is one."""
        if self.notes.get("readOnly") is True:
            return "request"
        return "response" if self.notes.get("writeOnly") is True else ""

    @property
    def trivial(self) -> bool:
        """Whether every value is admitted."""
        return len(self.branches) == 1 and self.branches[0].kind == "any" and self.branches[0].bare


def text_of(value: Any) -> str:
    """Canonical text of a JSON value: equal for equal values (1 and 1.0 are, and 1 and true are not)."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return json.dumps(_plain(value), sort_keys=True, ensure_ascii=False, default=str)


def _plain(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def type_of(value: Any) -> str:
    """The type of a JSON value; whole numbers are integers."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int) or (isinstance(value, float) and value.is_integer()):
        return "integer"
    if isinstance(value, float):
        return "number"
    if isinstance(value, Mapping):
        return "object"
    return "array" if isinstance(value, list) else "string"
