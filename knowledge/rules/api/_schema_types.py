"""What a schema says about types, in the notations of every version."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

COMPOSITIONS = ("allOf", "anyOf", "oneOf")
BRANCHES = frozenset({"allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas"})
"""Where a schema is only a part of what is said about a value."""


def types(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """The types that are written: one, several (3.1), or none."""
    found = schema.get("type")
    if found.__class__ is str:
        return (found,)
    return tuple(item for item in found if isinstance(item, str)) if isinstance(found, list) else ()


def nullable(schema: Mapping[str, Any]) -> bool:
    """Whether null is admitted beside the type."""
    return schema.get("nullable") is True or schema.get("x-nullable") is True or "null" in types(schema)


def type_of(value: Any) -> str:
    """The JSON type of a value; numbers without a fraction are integers, as in JSON Schema."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int) or (isinstance(value, float) and value.is_integer()):
        return "integer"
    if isinstance(value, float):
        return "number"
    if isinstance(value, str):
        return "string"
    return "object" if isinstance(value, Mapping) else "array"


def is_a(value: Any, name: str) -> bool:
    """Whether a value is of the type called ``name``; unknown types admit everything."""
    found = type_of(value)
    if name not in ("null", "boolean", "integer", "number", "string", "object", "array"):
        return True
    return found == name or (name == "number" and found == "integer")
