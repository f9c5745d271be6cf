"""Whether a value fits a schema, as far as its plain keywords tell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeGuard

from knowledge.api.context import ApiContext
from knowledge.rules.api._schema_types import is_a, nullable, type_of, types

MOST_DEPTH = 8
SIZES = {
    "minLength": (str, False),
    "maxLength": (str, True),
    "minItems": (list, False),
    "maxItems": (list, True),
    "minProperties": (dict, False),
    "maxProperties": (dict, True),
}


def misfit(value: Any, schema: Any, context: ApiContext, depth: int = 0) -> str:
    """What ``schema`` has against ``value``; empty where it has nothing, or nothing that this looks at.

    Types, listed values, sizes and limits are looked at, of the members of objects and arrays as well; references
    and allOf are followed, alternatives, patterns and formats are not judged.
    """
    found = context.resolve(schema) if isinstance(schema, Mapping) else schema
    if not isinstance(found, Mapping) or depth > MOST_DEPTH:
        return ""
    names = types(found)
    if value is None and nullable(found):
        return ""
    if names and not any(is_a(value, name) for name in names):
        return f"is {_article(type_of(value))}, the type is {' or '.join(names)}"
    listed = found.get("enum")
    if isinstance(listed, list) and not any(_equal(value, item) for item in listed):
        return "is not among the values of the enum"
    if "const" in found and not _equal(value, found["const"]):
        return "is not the const"
    said = _size(value, found) or _limit(value, found) or _members(value, found, context, depth)
    parts = found.get("allOf")
    for part in parts if isinstance(parts, list) and not said else ():
        said = said or misfit(value, part, context, depth + 1)
    return said


def _article(name: str) -> str:
    return name if name == "null" else f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def _equal(one: Any, other: Any) -> bool:
    return type_of(one) == type_of(other) and one == other


def _size(value: Any, schema: Mapping[str, Any]) -> str:
    for name, (kind, is_most) in SIZES.items():
        limit = schema.get(name)
        if (
            isinstance(limit, int)
            and isinstance(value, kind)
            and (len(value) > limit if is_most else len(value) < limit)
        ):
            return f"breaks {name} {limit}"
    return ""


def _limit(value: Any, schema: Mapping[str, Any]) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    low, high = schema.get("minimum"), schema.get("maximum")
    below, above = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    if _number(low) and (value < low or (below is True and value == low)):
        return f"is below the minimum {low}"
    if _number(high) and (value > high or (above is True and value == high)):
        return f"is above the maximum {high}"
    if _number(below) and value <= below:
        return f"is not above {below}"
    return f"is not below {above}" if _number(above) and value >= above else ""


def _number(found: Any) -> TypeGuard[int | float]:
    return isinstance(found, int | float) and not isinstance(found, bool)


def _members(value: Any, schema: Mapping[str, Any], context: ApiContext, depth: int) -> str:
    items, properties = schema.get("items"), schema.get("properties")
    if isinstance(value, list) and isinstance(items, Mapping) and "prefixItems" not in schema:
        for index, item in enumerate(value):
            said = misfit(item, items, context, depth + 1)
            if said:
                return f"has an item, {index}, that {said}"
    if isinstance(value, Mapping) and isinstance(properties, Mapping):
        for name, item in value.items():
            said = misfit(item, properties.get(name), context, depth + 1)
            if said:
                return f"has a property, {name}, that {said}"
    return ""
