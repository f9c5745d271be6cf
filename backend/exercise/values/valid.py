"""Values that a schema asks for."""

from __future__ import annotations

import math
from collections.abc import Mapping
from random import Random
from typing import Any

from backend.exercise.schemas import Schema, Schemas
from backend.exercise.values import strings

DEEPEST = 6
"""Levels of nesting, after which only what is required is made."""

TRIES = 12
SMALL = 1000
INTEGERS = 2**31 - 1
"""Bound of integers whose schema has none: what a usual column holds."""


class NotMade(ValueError):
    """No value could be made for a schema; the text says which part of it is the reason."""


class Values:
    """Makes values; the same random numbers make the same values.

    Args:
        schemas: of the document.
        random: the only source of chance.
        plain: ordinary, unique values and no field that may be left out. Otherwise bounds, rare branches and texts
            that need care come often.
    """

    def __init__(self, schemas: Schemas, random: Random, *, plain: bool = False) -> None:
        self._schemas, self._random, self._plain = schemas, random, plain

    def value(self, schema: Schema, name: str = "") -> Any:
        """A valid value; it has been checked by the validator.

        Raises:
            NotMade: none was found.
        """
        for _ in range(TRIES):
            made = self._make(schema, name, 0)
            if self._schemas.valid(schema, made):
                return made
        raise NotMade(f"no value was found for {str(dict(schema))[:200]}")

    def _make(self, schema: Schema | bool, name: str, depth: int) -> Any:
        if not isinstance(schema, Mapping):
            return strings.plain(self._random, name, 0, None)
        if depth > 4 * DEEPEST:
            raise NotMade("the schema demands endless nesting")
        whole = self._merged(schema)
        if "const" in whole:
            return whole["const"]
        if "enum" in whole:
            return self._random.choice(whole["enum"])
        for key in ("oneOf", "anyOf"):
            if whole.get(key):
                return self._alternative(whole, key, name, depth)
        kind = whole.get("type")
        if isinstance(kind, list):
            kind = self._choose([each for each in kind if each != "null"], [each for each in kind if each == "null"])
        match kind or self._implied(whole):
            case "string":
                return self._string(whole, name)
            case "integer":
                return self._integer(whole)
            case "number":
                return self._number(whole)
            case "boolean":
                return self._random.random() < 0.5
            case "null":
                return None
            case "array":
                return self._array(whole, name, depth)
            case "object":
                return self._object(whole, name, depth)
        return self._anything(name)

    def _choose(self, usual: list[Any], rare: list[Any]) -> Any:
        if rare and (not usual or (not self._plain and self._random.random() < 0.25)):
            return self._random.choice(rare)
        return usual[0] if self._plain else self._random.choice(usual)

    def _merged(self, schema: Schema) -> Schema:
        """With its reference followed and its ``allOf`` folded in."""
        whole = dict(self._schemas.resolve(schema))
        for part in whole.pop("allOf", []):
            inner = self._merged(part)
            properties = {**inner.get("properties", {}), **whole.get("properties", {})}
            required = [*dict.fromkeys([*inner.get("required", []), *whole.get("required", [])])]
            whole = {**inner, **whole}
            if properties:
                whole["properties"] = properties
            if required:
                whole["required"] = required
        return whole

    def _alternative(self, whole: Schema, key: str, name: str, depth: int) -> Any:
        rest = {part: value for part, value in whole.items() if part not in ("oneOf", "anyOf", "description", "title")}
        usual = [each for each in whole[key] if not _is_null(each)]
        if depth > DEEPEST:
            usual = sorted(usual, key=lambda each: str(each).count("$ref"))[:1]
        chosen = self._choose(usual, [each for each in whole[key] if _is_null(each)])
        combined = {**rest, **self._schemas.resolve(chosen)} if "properties" not in rest else {"allOf": [rest, chosen]}
        return self._make(combined, name, depth + 1)

    @staticmethod
    def _implied(whole: Schema) -> str:
        """The type of a schema that names none, by what it limits."""
        for word, kind in (
            ("properties", "object"),
            ("items", "array"),
            ("pattern", "string"),
            ("format", "string"),
            ("maxLength", "string"),
            ("minLength", "string"),
            ("minimum", "number"),
            ("maximum", "number"),
        ):
            if word in whole:
                return kind
        return ""

    def _string(self, schema: Schema, name: str) -> str:
        least, most = int(schema.get("minLength", 0)), schema.get("maxLength")
        if "pattern" in schema:
            found = strings.by_pattern(self._random, schema["pattern"], least, most, self._plain)
            if found is None:
                raise NotMade(f"no string was found for the pattern {schema['pattern']!r}")
            return found
        make = strings.FORMATS.get(str(schema.get("format", "")))
        if make is not None:
            return make(self._random)
        if self._plain:
            return strings.plain(self._random, name, least, most)
        return strings.odd(self._random, least, most)

    def _integer(self, schema: Schema) -> int:
        low, high = _bounds(schema)
        step = schema.get("multipleOf")
        first = math.ceil(low) if low is not None else None
        last = math.floor(high) if high is not None else None
        if first is None:
            first = 1 if last is None or last >= 1 else last - SMALL
            if not self._plain and (last is None or last >= 1):
                first = -INTEGERS
        if last is None:
            last = max(first + SMALL, INTEGERS) if not self._plain else first + SMALL
        if first > last:
            raise NotMade("no integer lies between the bounds")
        chosen = self._between(first, last)
        if step and float(step).is_integer():
            chosen = min(-(-chosen // int(step)) * int(step), last // int(step) * int(step))
        return chosen

    def _between(self, first: int, last: int) -> int:
        if self._plain:
            return self._random.randint(first, min(last, first + SMALL))
        kind = self._random.random()
        if kind < 0.2:
            return first
        if kind < 0.4:
            return last
        return 0 if kind < 0.5 and first <= 0 <= last else self._random.randint(first, last)

    def _number(self, schema: Schema) -> float | int:
        low, high = _bounds(schema)
        start = low if low is not None else (0.0 if high is None or high >= 0 else high - SMALL)
        end = high if high is not None else start + SMALL
        step = schema.get("multipleOf")
        if step:
            number = math.ceil(start / step) + self._random.randint(0, max(0, int((end - start) / step) - 1))
            return float(round(number * step, 10))
        if not self._plain and self._random.random() < 0.3:
            return start if self._random.random() < 0.5 else end
        return round(self._random.uniform(start, end), 2)

    def _array(self, schema: Schema, name: str, depth: int) -> list[Any]:
        least = int(schema.get("minItems", 0))
        most = min(int(schema.get("maxItems", least + 3)), least + 3)
        count = least if self._plain or depth > DEEPEST else self._random.randint(least, max(least, most))
        made = [self._make(part, name, depth + 1) for part in schema.get("prefixItems", [])]
        items = schema.get("items", {})
        made += [self._make(items, name, depth + 1) for _ in range(count - len(made))]
        if schema.get("uniqueItems"):
            made = [each for place, each in enumerate(made) if each not in made[:place]]
        return made

    def _object(self, schema: Schema, name: str, depth: int) -> dict[str, Any]:
        required = set(schema.get("required", []))
        made = {}
        for key, part in schema.get("properties", {}).items():
            if isinstance(part, Mapping) and part.get("readOnly") and key not in required:
                continue
            optional = not self._plain and depth <= DEEPEST and self._random.random() < 0.6
            if key in required or optional:
                made[key] = self._make(part, key, depth + 1)
        for key in sorted(required - set(made) - set(schema.get("properties", {}))):
            made[key] = self._make(schema.get("additionalProperties", {}), key, depth + 1)
        extra = schema.get("additionalProperties")
        least = int(schema.get("minProperties", 0))
        while len(made) < least and extra is not False:
            made[strings.token(self._random)] = self._make(extra if isinstance(extra, Mapping) else {}, name, depth + 1)
        return made

    def _anything(self, name: str) -> Any:
        if self._plain:
            return {name or "key": strings.token(self._random)}
        return self._random.choice(
            [{}, [], {"key": [1, {"deep": None}]}, "text", 7, 0.5, True, {"ключ": "значение"}, [[[]]], ""]
        )


def _is_null(schema: Any) -> bool:
    return isinstance(schema, Mapping) and (schema.get("type") == "null" or schema.get("const", 0) is None)


def _bounds(schema: Schema) -> tuple[float | None, float | None]:
    """Inclusive bounds; exclusive ones are moved inwards by one (integers) or a hundredth."""
    inwards = 1 if schema.get("type") == "integer" else 0.01
    low, high = schema.get("minimum"), schema.get("maximum")
    if "exclusiveMinimum" in schema:
        low = max(schema["exclusiveMinimum"] + inwards, low if low is not None else -math.inf)
    if "exclusiveMaximum" in schema:
        high = min(schema["exclusiveMaximum"] - inwards, high if high is not None else math.inf)
    if schema.get("format") == "int32":
        low = -(2**31) if low is None else low
        high = 2**31 - 1 if high is None else high
    return low, high
