"""The parts of the fuzz: values that match, values with one fault, answers that are judged."""

from __future__ import annotations

import json
import re
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.exercise.fuzz.judge import is_envelope, refused_fields
from backend.exercise.fuzz.leaks import leak
from backend.exercise.schemas import Schemas
from backend.exercise.values.faults import faults
from backend.exercise.values.patterns import matching
from backend.exercise.values.valid import NotMade, Values

NODE = {
    "type": "object",
    "required": ["name"],
    "properties": {"name": {"type": "string"}, "next": {"$ref": "#/components/schemas/Node"}},
}
ENDLESS = {"type": "object", "required": ["next"], "properties": {"next": {"$ref": "#/components/schemas/Endless"}}}
SCHEMAS = Schemas({"components": {"schemas": {"Node": NODE, "Endless": ENDLESS}}})
EVERY = {
    "type": "object",
    "additionalProperties": False,
    "required": ["id", "title", "price", "lines"],
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "title": {"type": "string", "minLength": 2, "maxLength": 30},
        "slug": {"type": "string", "pattern": "^[a-z0-9]+(?:-[a-z0-9]+)*$", "maxLength": 40},
        "price": {"type": "string", "pattern": r"^\d{1,10}(\.\d{1,2})?$"},
        "at": {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "null"}]},
        "day": {"type": "string", "format": "date"},
        "mail": {"type": "string", "format": "email"},
        "link": {"type": "string", "format": "uri"},
        "count": {"type": "integer", "minimum": 1, "maximum": 9},
        "ratio": {"type": "number", "exclusiveMinimum": 0, "maximum": 1},
        "step": {"type": "integer", "multipleOf": 5, "minimum": 0},
        "kind": {"enum": ["a", "b"]},
        "flag": {"type": ["boolean", "null"]},
        "lines": {"type": "array", "minItems": 1, "maxItems": 3, "items": {"$ref": "#/components/schemas/Node"}},
        "any": {},
        "both": {"allOf": [{"$ref": "#/components/schemas/Node"}, {"required": ["next"]}]},
        "either": {"oneOf": [{"type": "integer"}, {"type": "string", "format": "ipv4"}]},
    },
}


@settings(max_examples=60, deadline=None)
@given(st.integers(), st.booleans())
def test_made_values_are_what_the_schema_asks_for(seed: int, plain: bool) -> None:
    made = Values(SCHEMAS, Random(seed), plain=plain).value(EVERY)
    assert SCHEMAS.errors(EVERY, made) == []
    assert made == Values(SCHEMAS, Random(seed), plain=plain).value(EVERY)
    json.dumps(made)


def test_endless_schemas_are_given_up() -> None:
    with pytest.raises(NotMade, match="endless"):
        Values(SCHEMAS, Random(1)).value({"$ref": "#/components/schemas/Endless"})


def test_every_fault_but_those_an_alternative_allows_is_one() -> None:
    valid = Values(SCHEMAS, Random(1)).value(EVERY)
    found = faults(SCHEMAS, EVERY)
    kinds = {str(fault) for fault in found if SCHEMAS.errors(EVERY, fault.apply(valid))}
    assert len(kinds) > 60
    for expected in (
        "title: left out",
        "title: too short",
        "title: too long",
        "price: does not match its pattern",
        "id: no uuid",
        "at: no date-time",
        "count: too large",
        "ratio: at its exclusive bound",
        "step: no multiple",
        "kind: none of the values",
        "lines: too few items",
        "lines: too many items",
        "lines.0.name: left out",
        "unexpected_key: unknown key",
        "title: null",
        "count: str '7' instead of integer",
    ):
        assert expected in kinds
    assert "at: null" not in kinds


@pytest.mark.parametrize(
    "pattern",
    [
        r"^[A-Z]{3}-\d{4}$",
        r"^(?:red|green)\s\w+$",
        r"[^a-z]+",
        r"^-?\d+(\.\d{2})?$",
        r"^(?!00)\d\d$",
        r"^\S+@\S+\.\w{2,}$",
    ],
)
def test_strings_are_made_to_match_a_pattern(pattern: str) -> None:
    for seed in range(20):
        text = matching(pattern, Random(seed))
        assert text is not None
        assert re.search(pattern, text)


def test_a_pattern_that_nothing_is_known_to_match_is_said_so() -> None:
    assert matching(r"^(a)\1$", Random(1)) is None
    assert matching("(", Random(1)) is None


@pytest.mark.parametrize(
    "text",
    [
        'File "/srv/app/main.py", line 12, in get',
        "psycopg.errors.UniqueViolation",
        "SELECT id FROM users WHERE",
        "near: syntax error at or near",
        "/home/bob/app/main.py",
        "    at Server.handle (/app/index.js:10:3)",
        "'NoneType' object has no attribute",
    ],
)
def test_the_inside_of_a_program_is_recognised_unless_it_was_sent(text: str) -> None:
    assert leak(f'{{"message": "{text}"}}', "")
    assert not leak(text, f"the request said {text}")


@pytest.mark.parametrize(
    "text", ["the email is taken", "no such post", "select a file from your disk", "/api/v1/posts"]
)
def test_ordinary_messages_tell_nothing(text: str) -> None:
    assert not leak(text, "")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"error": {"code": "A", "message": "b", "details": []}}, True),
        ({"error": {"code": "A", "message": "b", "details": [{"field": "x", "code": "y", "message": "z"}]}}, True),
        ({"error": {"code": "A", "message": "b"}}, False),
        ({"error": {"code": "A", "message": "b", "details": ["x"]}}, False),
        ({"error": {"code": "A", "message": "b", "details": []}, "extra": 1}, False),
        ({"detail": "Not Found"}, False),
        (None, False),
    ],
)
def test_the_error_envelope_is_exact(body: Any, expected: bool) -> None:
    assert is_envelope(body) is expected


def test_refused_fields_are_read_from_envelopes_and_from_fastapi() -> None:
    assert refused_fields({"error": {"details": [{"field": "body.lines.0.user_id"}]}}) == ["user_id"]
    assert refused_fields({"detail": [{"loc": ["body", "title"], "msg": "x"}]}) == ["title"]
    assert refused_fields({"detail": "Not Found"}) == []
