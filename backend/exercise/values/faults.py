"""Values with exactly one fault: of every place of a schema, every way to miss what it asks for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from backend.exercise.schemas import Schema, Schemas
from backend.exercise.values.places import Place, places, put, without

WRONG: Mapping[str, tuple[Any, ...]] = {
    "string": (7, True, ["x"], {"x": 1}),
    "integer": ("seven", "7", 1.5, True, [1], {}),
    "number": ("seven", True, [1.5], {}),
    "boolean": ("maybe", 7, "true", []),
    "array": ("x", 7, {"0": 1}),
    "object": ("x", 7, [], [{}]),
}
"""Of each type: values of others, such among them that lenient programs turn into it."""

BAD_FORMATS = {
    "uuid": ("not-a-uuid", "", "12345678-1234-1234-1234-12345678901", "zzzzzzzz-zzzz-4zzz-8zzz-zzzzzzzzzzzz"),
    "date-time": ("yesterday", "", "2024-13-45T99:99:99Z", "2024-02-30T00:00:00Z"),
    "date": ("yesterday", "", "2024-02-30", "30.01.2024"),
    "time": ("noon", "", "25:61:00Z"),
    "email": ("nobody", "", "a@", "@example.com", "a b@example.com"),
    "uri": ("not a uri", "http://[", ""),
    "ipv4": ("999.1.1.1", "", "localhost"),
    "ipv6": ("zz::1", "", "1.2.3.4"),
    "hostname": ("-bad-.example", "a..b"),
}
MISMATCHES = ("", " ", "~#\u00a7", "-1", "x" * 300, "ABC def", "1.2.3", "1e5", "\u0661\u0662", "0x10", "\n")
"""Tried one after another against a pattern."""

UNKNOWN_KEY = "unexpected_key"
LONG = 100_000
"""Limits of strings beyond this are not overstepped."""


@dataclass(frozen=True)
class Fault:
    """One way to miss a schema."""

    place: Place
    kind: str
    """As in ``too long``."""
    value: Any = None
    drop: bool = False
    """The part is left out instead of replaced."""

    def apply(self, valid: Any) -> Any:
        """``valid`` with this fault in it."""
        return without(valid, self.place.path) if self.drop else put(valid, self.place.path, self.value)

    def __str__(self) -> str:
        return f"{self.place.name or 'the whole'}: {self.kind}"


def faults(schemas: Schemas, schema: Schema) -> list[Fault]:
    """Every fault of a schema. Whether the whole is then invalid, the validator must say: alternatives may allow it."""
    return [fault for place in places(schemas, schema) for fault in _of(place)]


def _of(place: Place) -> Iterator[Fault]:
    schema = place.schema
    kind = schema.get("type", "")
    if place.path and place.required and isinstance(place.path[-1], str):
        yield Fault(place, "left out", drop=True)
    if kind and not place.nullable:
        yield Fault(place, "null", None)
    for value in WRONG.get(kind, ()) if isinstance(kind, str) else ():
        yield Fault(place, f"{type(value).__name__} {str(value)[:10]!r} instead of {kind}", value)
    if "enum" in schema:
        yield Fault(place, "none of the values", "no-such-value" if kind == "string" else -987)
        yield from (Fault(place, "other case", each.upper()) for each in schema["enum"][:1] if isinstance(each, str))
    if "const" in schema:
        yield Fault(place, "another value", "no-such-value")
    yield from _strings(place, schema)
    yield from _numbers(place, schema)
    yield from _arrays(place, schema)
    if schema.get("additionalProperties") is False:
        inner = Place((*place.path, UNKNOWN_KEY), {}, False)
        yield Fault(inner, "unknown key", "surprise")


def _strings(place: Place, schema: Schema) -> Iterator[Fault]:
    if schema.get("minLength"):
        yield Fault(place, "too short", "x" * (schema["minLength"] - 1))
    most = schema.get("maxLength")
    if most is not None and most < LONG:
        yield Fault(place, "too long", "x" * (most + 1))
        yield Fault(place, "far too long", "é" * (most * 2 + 10))
    if "pattern" in schema:
        import re

        for text in MISMATCHES:
            if not re.search(schema["pattern"], text):
                yield Fault(place, "does not match its pattern", text)
    for text in BAD_FORMATS.get(str(schema.get("format", "")), ()):
        yield Fault(place, f"no {schema['format']}", text)


def _numbers(place: Place, schema: Schema) -> Iterator[Fault]:
    if "minimum" in schema:
        yield Fault(place, "too small", schema["minimum"] - 1)
    if "maximum" in schema:
        yield Fault(place, "too large", schema["maximum"] + 1)
        yield Fault(place, "far too large", 10**30)
    for word in ("exclusiveMinimum", "exclusiveMaximum"):
        if word in schema:
            yield Fault(place, "at its exclusive bound", schema[word])
    if schema.get("multipleOf", 0) and schema["multipleOf"] > 1:
        yield Fault(place, "no multiple", schema["multipleOf"] + 1)


def _arrays(place: Place, schema: Schema) -> Iterator[Fault]:
    if schema.get("minItems"):
        yield Fault(place, "too few items", [])
    if "maxItems" in schema and schema["maxItems"] < 1000:
        yield Fault(place, "too many items", [None] * (schema["maxItems"] + 1))
