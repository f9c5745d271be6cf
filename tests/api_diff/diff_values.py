"""Values near the edges of a schema: what a claim about its values is tried on."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import jsonschema_rs

MOST = 400
"""Values of one schema."""
TEXTS = ["", "a", "b", "x", "y", "z", "ab", "abc", "aaaaa", "aaaaaaaa", "aaaaaaaaa", "aaaaaaaaaaa", "A1!", "x-a", "{}"]
FORMATS = ["2026-06-01", "2026-06-01T00:00:00Z", "a@b.example", "https://a.example/b", "/b", "not a format",
           "2fa6e3b0-6a4d-4f0b-8f43-0d5a3b3f7c11", '{"a": 1}', "1", "aGk="]  # fmt: skip
NUMBERS = [0, 1, -1, 2, 3, 4, 5, 6, 9, 10, 12, 100, 0.5, 1.5, 2.5, 0.1, 9.75, 1.0000001, 2**31, 2**40]
BASIC: list[Any] = [None, True, False, [], {}, ["a"], [1], ["a", "a"], {"zz": 1}]
UNKNOWN = "zz"


def validator(schema: Any) -> Callable[[Any], bool]:
    """Whether a value fits a schema of OpenAPI 3.1; formats count, and int32 is one."""
    made = jsonschema_rs.Draft202012Validator(
        schema, validate_formats=True, ignore_unknown_formats=True, formats={"int32": lambda text: True}
    )
    return lambda value: made.is_valid(value) and _in_range(schema, value)


def _in_range(schema: Any, value: Any) -> bool:
    if isinstance(schema, Mapping) and schema.get("format") == "int32" and isinstance(value, int):
        return -(2**31) <= value < 2**31
    return True


def values_of(schema: Any, depth: int = 0) -> list[Any]:
    """Values at and around every limit of ``schema``, valid and invalid ones, each once."""
    found: dict[str, Any] = {}
    for value in _values(schema, depth):
        found.setdefault(json.dumps(value, sort_keys=True), value)
        if len(found) >= MOST:
            break
    return list(found.values())


def _values(schema: Any, depth: int) -> Iterator[Any]:
    if not isinstance(schema, Mapping) or depth > 4:
        yield from ("a", 1, {}, None)
        return
    yield from schema.get("enum", ())
    if "const" in schema:
        yield schema["const"]
    for keyword in ("allOf", "anyOf", "oneOf"):
        members = schema.get(keyword, ())
        if keyword == "allOf" and members:
            yield from _merged([values_of(member, depth + 1) for member in members])
        for member in members:
            yield from values_of(member, depth + 1)[: MOST // 4]
    for keyword in ("not", "if", "then", "else"):
        if keyword in schema:
            yield from values_of(schema[keyword], depth + 1)[:50]
    types = schema.get("type", [])
    types = types if isinstance(types, list) else [types]
    keys = set(schema)
    if "object" in types or keys & {"properties", "required", "patternProperties", "additionalProperties",
                                    "propertyNames", "dependentRequired", "dependentSchemas", "minProperties",
                                    "maxProperties"}:  # fmt: skip
        yield from _objects(schema, depth)
    if "array" in types or keys & {"items", "prefixItems", "contains", "minItems", "maxItems"}:
        yield from _arrays(schema, depth)
    yield from _plain(schema, types)


def _plain(schema: Mapping[str, Any], types: list[Any]) -> Iterator[Any]:
    if not types or "string" in types or "enum" in schema:
        for keyword in ("minLength", "maxLength"):
            if keyword in schema:
                yield from ("a" * length for length in range(max(0, schema[keyword] - 1), schema[keyword] + 3))
        yield from TEXTS
        yield from FORMATS
    for keyword in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"):
        if keyword in schema:
            limit = schema[keyword]
            yield from (limit, limit - 1, limit + 1, limit + 0.5, limit - 0.25, limit * 2, limit * 3)
    yield from NUMBERS
    yield from BASIC


def _merged(parts: list[list[Any]]) -> Iterator[Any]:
    """Objects that have something of every part."""
    objects = [[value for value in part if isinstance(value, dict)][:12] or [{}] for part in parts]
    for value in objects[0]:
        for other in objects[-1]:
            yield {**value, **other}


def _objects(schema: Mapping[str, Any], depth: int) -> Iterator[dict[str, Any]]:
    properties = dict(schema.get("properties", {}))
    for name in schema.get("required", ()):
        properties.setdefault(name, {})
    for name, needed in schema.get("dependentRequired", {}).items():
        for one in (name, *needed):
            properties.setdefault(one, {})
    for pattern, inner in schema.get("patternProperties", {}).items():
        properties.setdefault(f"{pattern.strip('^$')}a", inner)
    for keyword in ("if", "then", "else"):
        inner = schema.get(keyword)
        if isinstance(inner, Mapping):
            for name in (*inner.get("required", ()), *inner.get("properties", {})):
                properties.setdefault(name, {})
    for name, inner in schema.get("dependentSchemas", {}).items():
        for one in (name, *inner.get("required", ())):
            properties.setdefault(one, {})
    choices = {name: values_of(inner, depth + 1) for name, inner in properties.items()}
    full = {name: _fitting(properties[name], values) for name, values in choices.items()}
    yield full
    yield {}
    yield {name: value for name, value in full.items() if name in schema.get("required", ())}
    rest = schema.get("additionalProperties")
    others = values_of(rest, depth + 1)[:20] if isinstance(rest, Mapping) else []
    yield from ({"a": other} for other in others)
    for other in (*others, 1, "a"):
        yield {**full, UNKNOWN: other}
        yield {UNKNOWN: other}
    for count in range(5):
        yield {f"{UNKNOWN}{index}": "a" for index in range(count)}
    yield {"abcdefg": 1, "A": 1}
    for name, values in choices.items():
        yield {key: value for key, value in full.items() if key != name}
        yield {name: full[name]}
        for value in values[: MOST // 2]:
            yield {**full, name: value}


def _fitting(schema: Any, values: list[Any]) -> Any:
    fits = validator(schema)
    return next((value for value in values if fits(value)), "a")


def _arrays(schema: Mapping[str, Any], depth: int) -> Iterator[list[Any]]:
    items = values_of(schema.get("items", {}), depth + 1)
    good = _fitting(schema.get("items", {}), items)
    fitting = [value for value in items if validator(schema.get("items", {}))(value)][:8] or [good]
    prefix = [_fitting(inner, values_of(inner, depth + 1)) for inner in schema.get("prefixItems", ())]
    for count in range(8):
        yield (prefix + [fitting[index % len(fitting)] for index in range(count)])[: max(count, len(prefix))]
        yield [good] * count
        yield (prefix + fitting)[:count]
    for index, inner in enumerate(schema.get("prefixItems", ())):
        for value in values_of(inner, depth + 1)[:40]:
            yield [*prefix[:index], value, *prefix[index + 1 :]]
    for value in values_of(schema.get("contains", {}), depth + 1)[:40]:
        for count in range(1, 5):
            yield [value] * count
    for value in items[:80]:
        yield [*prefix, value]
