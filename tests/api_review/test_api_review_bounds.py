"""Documents made to take for ever are reviewed in steps that grow with their size alone."""

from __future__ import annotations

import json
from typing import Any

import pytest

from knowledge.api.document import read_document
from knowledge.api.review import Failure, hits
from knowledge.rules import api_rules
from knowledge.rules.api._example_cost import affordable


def ref(number: int) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/S{number}"}


def text(schemas: dict[str, Any]) -> str:
    body = {"application/json": {"schema": ref(0), "example": {"a": 1}}}
    operation = {
        "requestBody": {"content": body},
        "responses": {"200": {"description": "Done.", "content": body}},
    }
    return json.dumps(
        {
            "openapi": "3.1.0",
            "info": {"title": "Shop", "version": "1.0.0"},
            "paths": {"/a": {"post": operation}},
            "components": {"schemas": schemas},
        }
    )


LAST = {"S40": {"type": "object", "properties": {"a": {"type": "string"}}}}
SHAPES: dict[str, dict[str, Any]] = {
    "everything extends everything": {
        f"S{number}": {"allOf": [ref(other) for other in range(30) if other != number]} for number in range(30)
    },
    "everything holds everything": {
        f"S{number}": {"type": "object", "properties": {f"p{other}": ref(other) for other in range(40)}}
        for number in range(40)
    },
    "parts double": {f"S{number}": {"allOf": [ref(number + 1), ref(number + 1)]} for number in range(40)} | LAST,
    "choices double": {f"S{number}": {"oneOf": [ref(number + 1), ref(number + 1)]} for number in range(40)} | LAST,
    "members double": {
        f"S{number}": {"type": "object", "properties": {"a": ref(number + 1), "b": ref(number + 1)}}
        for number in range(40)
    }
    | LAST,
    "a chain of references": {f"S{number}": ref(number + 1) for number in range(1_000)} | {"S1000": {"type": "string"}},
    "a schema is part of itself": {"S0": {"allOf": [ref(0)], "required": ["x"]}},
    "many parts": {
        "S0": {"allOf": [{"type": "object", "properties": {f"p{n}": {"type": "string"}}} for n in range(900)]}
    },
    "many values": {"S0": {"type": "string", "enum": [f"v{number}" for number in range(20_000)]}},
    "a pattern that backtracks": {"S0": {"type": "string", "pattern": "^(a+)+$", "example": "a" * 60 + "!"}},
}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_rule_comes_to_an_end(shape: str) -> None:
    failures: list[Failure] = []
    hits(read_document(text(SHAPES[shape])), api_rules(), None, failures)
    assert failures == []


def test_circles_and_doubling_are_not_held_against_values() -> None:
    inner = {
        "$defs": {"a": {"type": "object", "properties": {"x": {"$ref": "#/$defs/a"}}}},
        "allOf": [{"$ref": "#/$defs/a"}],
    }
    assert affordable(inner)  # it goes down into the value, which ends
    assert not affordable({"$defs": {"a": {"allOf": [{"$ref": "#/$defs/a"}]}}})
    double = {f"s{n}": {"anyOf": [{"$ref": f"#/$defs/s{n + 1}"}] * 2} for n in range(40)} | {"s40": {"type": "string"}}
    assert not affordable({"$defs": double})
    assert affordable({"$defs": {name: double[name] for name in ("s38", "s39", "s40")}})
    hidden = {"items": {"properties": {"x": {"$ref": "#/$defs/s0"}}}, "$defs": double}
    assert not affordable(hidden)


def test_names_of_members_are_not_taken_for_keywords() -> None:
    assert affordable({"properties": {"allOf": {"type": "string"}, "$ref": {"type": "string"}}})
