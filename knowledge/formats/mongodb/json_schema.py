"""A validator as JSON Schema, for values as JSON has them: identifiers and moments as text, decimals as numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

_TYPES: Final[Mapping[str, dict[str, Any]]] = {
    "string": {"type": "string"},
    "int": {"type": "integer", "minimum": -(2**31), "maximum": 2**31 - 1},
    "long": {"type": "integer", "minimum": -(2**63), "maximum": 2**63 - 1},
    "double": {"type": "number"},
    "decimal": {"type": "number"},
    "number": {"type": "number"},
    "bool": {"type": "boolean"},
    "date": {"type": "string", "format": "date-time"},
    "binData": {"type": "string", "format": "uuid"},
    "objectId": {"type": "string", "pattern": "^[0-9a-f]{24}$"},
    "object": {"type": "object"},
    "array": {"type": "array"},
    "null": {"type": "null"},
}
_EXCLUSIVE: Final = {"exclusiveMinimum": "minimum", "exclusiveMaximum": "maximum"}


def translated(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The same demands in draft 2020-12; exclusive bounds are booleans in MongoDB's draft 4.

    Raises:
        ValueError: a ``bsonType`` has no counterpart in JSON.
    """
    found = {key: _inner(key, value) for key, value in schema.items() if key not in ("bsonType", *_EXCLUSIVE)}
    for word, bound in _EXCLUSIVE.items():
        if schema.get(word) is True:
            found[word] = found.pop(bound)
    said = schema.get("bsonType")
    if said is None:
        return found
    names = said if isinstance(said, list) else [said]
    unknown = [name for name in names if name not in _TYPES]
    if unknown:
        raise ValueError(f"JSON has nothing like the type {unknown[0]} of BSON")
    kinds = [dict(_TYPES[name]) for name in names]
    if len(kinds) == 1 and not set(kinds[0]) & set(found):
        return {**kinds[0], **found}
    return {"anyOf": kinds, **found}


def _inner(key: str, value: Any) -> Any:
    if key in ("properties", "patternProperties"):
        return {name: translated(each) for name, each in value.items()}
    if key in ("items", "not", "additionalProperties") and isinstance(value, Mapping):
        return translated(value)
    if key in ("anyOf", "allOf", "oneOf"):
        return [translated(each) for each in value]
    return value
