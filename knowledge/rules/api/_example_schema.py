"""Schemas of OpenAPI as JSON Schema that an example can be held against, never stricter than they are.

What travels in one direction only need not be there in the other: readOnly members are not demanded of requests,
writeOnly ones not of answers. ``oneOf`` is held as ``anyOf``: that two branches fit is no fault of the example.
Negations and conditions are left out, as are formats that are checked differently everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from knowledge.api.context import ApiContext
from knowledge.rules.api._schema_parts import gather

FORMATS = frozenset({"date", "date-time", "uuid", "ipv4", "ipv6"})
TYPES = frozenset({"string", "number", "integer", "boolean", "array", "object", "null"})
COPIED = frozenset(
    "minLength maxLength minItems maxItems minProperties maxProperties uniqueItems pattern const minContains".split()
)
MAPS = frozenset({"properties", "patternProperties", "$defs", "definitions"})
BOUNDS = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"})
SINGLE = frozenset({"items", "additionalProperties", "unevaluatedProperties", "contains"})
MOST_DEPTH = 60

Schema = dict[str, Any] | bool


class Converter:
    """The schemas of one document for one direction.

    Args:
        context: the document.
        one_way: the keywords whose members need not be there: ``readOnly`` of requests, ``writeOnly`` of answers.
    """

    def __init__(self, context: ApiContext, one_way: tuple[str, ...]) -> None:
        self._context, self._one_way = context, one_way
        self._names: dict[str, str] = {}
        self._converted: dict[str, tuple[Schema, frozenset[str]]] = {}

    def whole(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        """``schema`` and everything it refers to, as one document."""
        used: set[str] = set()
        made = self._schema(schema, used, frozenset(), 0)
        root = {"allOf": [made], "$schema": "https://json-schema.org/draft/2020-12/schema"}
        definitions: dict[str, Schema] = {}
        waiting = list(used)
        while waiting:
            reference = waiting.pop()
            name = self._name(reference)
            if name not in definitions:
                definitions[name], more = self._reference(reference)
                waiting.extend(more)
        return {**root, "$defs": definitions} if definitions else root

    def _name(self, reference: str) -> str:
        return self._names.setdefault(reference, f"s{len(self._names)}")

    def _reference(self, reference: str) -> tuple[Schema, frozenset[str]]:
        if reference not in self._converted:
            used: set[str] = set()
            found = self._context.at(reference)
            made = self._schema(found, used, frozenset(), 0) if isinstance(found, Mapping) else True
            self._converted[reference] = made, frozenset(used)
        return self._converted[reference]

    def _schema(self, schema: Any, used: set[str], excused: frozenset[str], depth: int) -> Schema:
        if not isinstance(schema, Mapping) or depth > MOST_DEPTH:
            return schema is not False
        reference = schema.get("$ref")
        if isinstance(reference, str):
            used.add(reference)
            pointed: dict[str, Any] = {"$ref": f"#/$defs/{self._name(reference)}"}
            if self._context.version != "3.1":
                return _or_null(pointed) if schema.get("nullable") is True else pointed
            rest = {name: value for name, value in schema.items() if name != "$ref"}
            others = self._schema(rest, used, excused, depth + 1) if rest else True
            return {"allOf": [pointed, others]} if others not in (True, {}) else pointed
        if "required" in schema or "allOf" in schema:
            excused = excused | self._excused(schema)
        made: dict[str, Any] = {}
        for key, value in schema.items():
            self._keyword(key, value, schema, made, used, excused, depth + 1)
        if schema.get("nullable") is True or schema.get("x-nullable") is True:
            return _or_null(made)
        return made

    def _excused(self, schema: Mapping[str, Any]) -> frozenset[str]:
        """The members that the other direction is alone in sending."""
        properties = gather(schema, self._context).properties
        return frozenset(name for name, value in properties.items() if self._is_one_way(value))

    def _is_one_way(self, value: Any) -> bool:
        parts = [value, self._context.resolve(value)]
        held = parts[1].get("allOf") if isinstance(parts[1], Mapping) else None
        parts += [self._context.resolve(part) for part in held] if isinstance(held, list) else []
        return any(part.get(key) is True for part in parts if isinstance(part, Mapping) for key in self._one_way)

    def _keyword(
        self,
        key: str,
        value: Any,
        schema: Mapping[str, Any],
        made: dict[str, Any],
        used: set[str],
        excused: frozenset[str],
        depth: int,
    ) -> None:
        if key == "required" and isinstance(value, list):
            made[key] = [name for name in value if isinstance(name, str) and name not in excused]
        elif key in MAPS and isinstance(value, Mapping):
            made[key] = {name: self._schema(item, used, frozenset(), depth) for name, item in value.items()}
        elif key in SINGLE and isinstance(value, Mapping | bool):
            made[key] = self._schema(value, used, frozenset(), depth)
        elif key == "prefixItems" and isinstance(value, list):
            made[key] = [self._schema(item, used, frozenset(), depth) for item in value]
        elif key in ("allOf", "anyOf", "oneOf") and isinstance(value, list) and value:
            parts = [self._schema(item, used, excused, depth) for item in value]
            made.setdefault("allOf", []).extend(parts if key == "allOf" else [{"anyOf": parts}])
        elif key in BOUNDS:
            _bound(key, value, schema, made)
        else:
            _plain(key, value, made)


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema, or null; in its own words where it has a type, so that what does not fit can be told exactly."""
    if "type" in schema and not schema.keys() & {"allOf", "const", "$ref"}:
        made = {**schema, "type": [*schema["type"], "null"]}
        return {**made, "enum": [*made["enum"], None]} if "enum" in made else made
    return {"anyOf": [schema, {"type": "null"}]}


def _plain(key: str, value: Any, made: dict[str, Any]) -> None:
    """A keyword that is taken over as it is, or not at all."""
    if key == "type":
        types = _types(value)
        if types:
            made[key] = types
    elif key == "enum":
        if isinstance(value, list) and value:
            made[key] = value
    elif key == "format":
        if value in FORMATS:
            made[key] = value
    elif key == "multipleOf":
        if isinstance(value, int) and not isinstance(value, bool) and value > 0:
            made[key] = value
    elif key in COPIED and _fits(key, value):
        made[key] = value


def _types(value: Any) -> list[str]:
    """The types, none where one of them is not JSON Schema's (``file``), so that nothing is refused by it."""
    found: Iterable[Any] = value if isinstance(value, list) else [value]
    names = list(dict.fromkeys(name for name in found if isinstance(name, str)))
    return names if set(names) <= TYPES else []


def _bound(key: str, value: Any, schema: Mapping[str, Any], made: dict[str, Any]) -> None:
    """A limit; before 3.1 ``exclusiveMinimum: true`` says how ``minimum`` is meant."""
    if value is True and key.startswith("exclusive"):
        other = schema.get(key.removeprefix("exclusive").lower())
        if isinstance(other, int | float):
            made[key] = other
    elif isinstance(value, int | float) and not isinstance(value, bool):
        made[key] = value


def _fits(key: str, value: Any) -> bool:
    """Whether a keyword has a value that JSON Schema admits; another rule says so where it has not."""
    if key == "const":
        return True
    if key == "pattern":
        return isinstance(value, str)
    if key == "uniqueItems":
        return isinstance(value, bool)
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
