"""Whole documents: against themselves, rewritten without a change of meaning, and large or circular ones."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

import pytest
from diff_cases import HERE, TODAY, contract, document, found, told
from hypothesis import given, settings
from hypothesis import strategies as st
from inline_snapshot import snapshot
from test_api_diff_soundness import schemas

from knowledge.api.document import read_document
from knowledge.api_diff.change import Direction, Level
from knowledge.api_diff.compare import compare
from knowledge.api_diff.summary import next_version, summary
from knowledge.blueprint.reader import read_blueprint
from knowledge.formats.openapi.write import write_openapi

EXAMPLES = HERE.parents[1] / "examples"
BLUEPRINTS = sorted(path.name for path in EXAMPLES.glob("*.yaml"))


@pytest.mark.parametrize("name", BLUEPRINTS)
def test_the_contract_of_an_example_against_itself_gives_nothing(name: str) -> None:
    text = write_openapi(read_blueprint((EXAMPLES / name).read_text(encoding="utf-8")))
    assert found(read_document(text, "a.yaml"), read_document(text, "b.yaml")) == ()
    assert len(BLUEPRINTS) == 3


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """A document whose operations use named schemas, some of which use each other."""
    names = [f"S{number}" for number in range(draw(st.integers(1, 4)))]
    named = {name: draw(schemas) for name in names}
    for name in names:
        if draw(st.booleans()):
            other = {"$ref": f"#/components/schemas/{draw(st.sampled_from(names))}"}
            named[name] = {"type": "object", "properties": {"own": named[name], "other": other}}
    paths = {}
    for number in range(draw(st.integers(1, 3))):
        schema = {"$ref": f"#/components/schemas/{draw(st.sampled_from(names))}"}
        made = contract(schema, draw(st.sampled_from(["request", "response"])))
        paths[f"/p{number}"] = made["paths"]["/a"]
    info = {"title": "t", "version": "1"}
    return {"openapi": "3.1.0", "info": info, "paths": paths, "components": {"schemas": named}}


def replaced(value: Any, change: Callable[[str], Any]) -> Any:
    """``value`` with every reference replaced by what ``change`` makes of its target."""
    if isinstance(value, dict):
        return (
            change(value["$ref"]) if "$ref" in value else {key: replaced(item, change) for key, item in value.items()}
        )
    return [replaced(item, change) for item in value] if isinstance(value, list) else value


@settings(max_examples=60, deadline=None)
@given(documents())
def test_any_document_against_itself_gives_nothing(value: dict[str, Any]) -> None:
    assert found(document(value), document(value)) == ()


@settings(max_examples=60, deadline=None)
@given(documents())
def test_renaming_every_component_gives_nothing(value: dict[str, Any]) -> None:
    renamed = replaced(value, lambda target: {"$ref": f"{target}Renamed"})
    held = renamed["components"]["schemas"]
    renamed["components"]["schemas"] = {f"{name}Renamed": held[name] for name in reversed(held)}
    assert told(found(document(value), document(renamed))) == ()


@settings(max_examples=60, deadline=None)
@given(documents())
def test_inlining_references_gives_nothing(value: dict[str, Any]) -> None:
    held = value["components"]["schemas"]

    def inlined(target: str) -> Any:
        return json.loads(json.dumps(held[target.rpartition("/")[2]]))

    flat = {**value, "paths": replaced(value["paths"], inlined)}
    assert told(found(document(value), document(flat))) == ()
    assert told(found(document(flat), document(value))) == ()


def rewritten(schema: Any) -> Any:
    """The same schema in other words: types as alternatives, everything in an allOf, constants as enumerations."""
    if isinstance(schema, list):
        return [rewritten(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    made = {}
    for key, item in schema.items():
        if key == "properties":
            made[key] = {name: rewritten(inner) for name, inner in reversed(item.items())}
        elif key in ("items", "additionalProperties", "allOf", "anyOf", "oneOf"):
            made[key] = rewritten(item)
        else:
            made[key] = item
    if "const" in made:
        made["enum"] = [made.pop("const")]
    if isinstance(made.get("type"), list):
        kinds = made.pop("type")
        made = {"anyOf": [{**made, "type": kind} for kind in reversed(kinds)]}
    return {"allOf": [made], "description": "rewritten"}


@settings(max_examples=100, deadline=None)
@given(schemas, st.sampled_from(["request", "response"]))
def test_the_same_schema_in_other_words_gives_nothing(schema: Any, way: str) -> None:
    old, new = document(contract(schema, way)), document(contract(rewritten(schema), way))
    assert told(found(old, new)) == ()
    assert told(found(new, old)) == ()


def shared(count: int, limit: int) -> dict[str, Any]:
    """``count`` operations that take and give one component."""
    user = {"type": "object", "properties": {"name": {"type": "string", "maxLength": limit}}}
    made = contract({"$ref": "#/components/schemas/User"}, "request")
    both = made["paths"]["/a"]["post"]
    both["responses"]["200"]["content"] = both["requestBody"]["content"]
    made["paths"] = {f"/p{number}": {"post": both} for number in range(count)}
    return {**made, "components": {"schemas": {"User": user}}}


def test_a_change_of_a_component_is_one_change_with_its_uses() -> None:
    (change, *more) = found(document(shared(40, 9)), document(shared(40, 5)))
    assert more == []
    assert (change.subject, change.place, len(change.uses)) == ("schemas/User", "name", 40)
    assert change.uses[:2] == ("POST /p0", "POST /p1")
    assert change.old == ("components", "schemas", "User", "properties", "name")
    assert change.level is Level.BREAKING


def test_a_change_that_is_safe_one_way_is_told_by_the_way_that_breaks() -> None:
    (change,) = found(document(shared(1, 5)), document(shared(1, 9)))
    assert (change.direction, change.level) == (Direction.RESPONSE, Level.BREAKING)


def test_a_change_that_is_alike_both_ways_is_one() -> None:
    value = json.dumps(shared(1, 5))
    (change,) = found(document(json.loads(value)), document(json.loads(value.replace("string", "integer"))))
    assert change.direction is Direction.BOTH
    assert change.message == snapshot(
        "In requests: `name` is integer now, it was string (length <= 5). Requests built for the old "
        "contract are rejected or misunderstood: change what you send first. In responses: `name` is "
        "integer now, it was string (length <= 5). Clients cannot read answers as they did: change how "
        "you read them first."
    )


def test_changes_have_places_in_both_texts_also_of_swagger_2() -> None:
    old = """\
swagger: "2.0"
info: {title: t, version: "1"}
paths:
  /a:
    get:
      parameters:
        - {in: query, name: other, type: string}
        - in: query
          name: limit
          type: integer
          maximum: 100
      responses:
        200:
          description: x
          schema:
            type: string
"""
    new = old.replace("maximum: 100", "maximum: 50").replace("            type: string", "            type: integer")
    one, other = read_document(old, "old.yaml"), read_document(new, "new.yaml")
    changes = compare(one, other, today=TODAY)
    assert [(change.id, str(one.locate(change.old)), str(other.locate(change.new))) for change in changes] == snapshot(
        [
            ("parameters-constraints-maximum-lowered", "old.yaml:8:11", "new.yaml:8:11"),
            ("schema-type-type-changed", "old.yaml:15:11", "new.yaml:15:11"),
        ]
    )


def test_a_fingerprint_stays_when_the_text_moves_and_differs_between_changes() -> None:
    first = found(document(shared(2, 9)), document(shared(2, 5)))
    moved = found(document({"x-first": 1, **shared(2, 9)}), document({"x-first": 1, **shared(2, 5)}))
    assert [change.fingerprint for change in first] == [change.fingerprint for change in moved]
    other = found(document(shared(2, 9)), document(shared(2, 4)))
    assert first[0].fingerprint != other[0].fingerprint


def test_the_next_version_follows_the_worst_change() -> None:
    old, same = contract({"type": "string"}, "request"), contract({"type": "string"}, "request")
    broken, wider = contract({"type": "integer"}, "request"), contract({"type": ["string", "integer"]}, "request")
    assert [next_version(found(document(old), document(new))) for new in (same, wider, broken)] == snapshot(
        [
            "patch: the contract is the same",
            "minor: none of 1 changes surely breaks a client",
            "major: 1 of 1 changes break clients",
        ]
    )
    assert summary(found(document(old), document(broken))).breaking == 1


def test_what_moved_is_told_with_where_to() -> None:
    def made(template: str, where: str) -> dict[str, Any]:
        operation = {"operationId": "list", "responses": {"200": {"description": "x"}}}
        kept = {"parameters": [{"in": where, "name": "k", "required": True, "schema": {}}], "responses": {"200": {}}}
        paths = {template: {"get": operation}, "/kept": {"get": kept}}
        return {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": paths}

    changes = found(document(made("/a", "query")), document(made("/b", "header")))
    assert [change.message for change in changes if "gone" in change.message] == snapshot(
        [
            "The path /a is gone. GET /b has the operationId of GET /a: call that instead.",
            "Query parameter k is gone; it was required. Send it as header parameter k instead.",
        ]
    )


def circular(count: int, limit: int) -> dict[str, Any]:
    """Components in a ring, each with a list of itself and an alternative of the next."""
    held = {}
    for number in range(count):
        here, after = (f"#/components/schemas/N{index}" for index in (number, (number + 1) % count))
        properties = {
            "children": {"type": "array", "items": {"$ref": here}},
            "next": {"oneOf": [{"$ref": after}, {"type": "null"}]},
            "name": {"type": "string", "maxLength": limit},
        }
        held[f"N{number}"] = {"type": "object", "properties": properties}
    return {**contract({"$ref": "#/components/schemas/N0"}, "request"), "components": {"schemas": held}}


def calls(work: Callable[[], object]) -> int:
    """Functions that ``work`` calls."""
    count = 0

    def counting(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event == "call"

    before = sys.getprofile()
    sys.setprofile(counting)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


def growth(make: Callable[[int], tuple[dict[str, Any], dict[str, Any]]], size: int) -> float:
    """How many times the work grows when the documents double."""
    small, large = ([document(value) for value in make(count)] for count in (size, 2 * size))
    return calls(lambda: found(*large)) / calls(lambda: found(*small))


def test_circular_schemas_end_and_their_changes_are_told_once_each() -> None:
    changes = found(document(circular(5, 9)), document(circular(5, 8)))
    assert [change.subject for change in changes] == [f"schemas/N{number}" for number in range(5)]


def test_the_work_grows_with_the_size_of_circular_documents() -> None:
    assert growth(lambda count: (circular(count, 9), circular(count, 8)), 50) < 2.5


def diamonds(count: int) -> dict[str, Any]:
    """Each component uses the next one twice: 2 ** count ways lead to the last."""
    held: dict[str, Any] = {f"N{count}": {"type": "string"}}
    for number in range(count):
        after = {"$ref": f"#/components/schemas/N{number + 1}"}
        held[f"N{number}"] = {"type": "object", "properties": {"a": after, "b": after, "c": {"anyOf": [after, after]}}}
    return {**contract({"$ref": "#/components/schemas/N0"}, "response"), "components": {"schemas": held}}


def test_the_work_grows_with_the_size_where_many_ways_lead_to_one_schema() -> None:
    def make(count: int) -> tuple[dict[str, Any], dict[str, Any]]:
        other = diamonds(count)
        other["components"]["schemas"][f"N{count}"] = {"type": "integer"}
        return diamonds(count), other

    assert growth(make, 30) < 2.5


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#/components/schemas/S"},
        {"allOf": [{"$ref": "#/components/schemas/S"}, {"type": "object"}]},
        {"anyOf": [{"$ref": "#/components/schemas/S"}, {"type": "string"}]},
        {"oneOf": [{"$ref": "#/components/schemas/S"}, {"$ref": "#/components/schemas/S"}]},
        {"not": {"$ref": "#/components/schemas/S"}},
        {"type": "object", "additionalProperties": {"$ref": "#/components/schemas/S"}},
        {"if": {"$ref": "#/components/schemas/S"}, "then": {"$ref": "#/components/schemas/S"}},
        {"$ref": "#/components/schemas/Nowhere"},
    ],
)
def test_a_schema_that_is_nothing_but_itself_ends(schema: dict[str, Any]) -> None:
    value = contract({"$ref": "#/components/schemas/S"}, "request", extra={"components": {"schemas": {"S": schema}}})
    plain = contract({"$ref": "#/components/schemas/S"}, "request", extra={"components": {"schemas": {"S": {}}}})
    assert found(document(value), document(value)) == ()
    found(document(value), document(plain))


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"openapi": "3.1.0", "paths": []},
        {"openapi": "3.1.0", "paths": {"/a": None, "/b": [], "/c": {"get": [], "post": None}}},
        {"openapi": "3.1.0", "paths": {"/a": {"get": {"parameters": [None, 1, {"in": "query"}], "responses": []}}}},
        {"openapi": "3.1.0", "paths": {"/a": {"get": {"security": [None, {"x": None}], "responses": {"200": None}}}}},
        {"openapi": "3.1.0", "servers": [None, {"url": None}], "paths": {"/a": {"get": {"requestBody": []}}}},
        contract({"type": 3, "enum": 4, "properties": [], "required": "a", "allOf": {}, "minLength": "x"}, "request"),
        contract({"properties": {"a": None, "b": 3}, "items": 5, "anyOf": [None, 7], "maximum": True}, "response"),
        {"swagger": "2.0", "paths": {"/a": {"get": {"parameters": [{"in": "body"}, {"in": "formData"}]}}}},
    ],
)
def test_a_document_that_is_wrong_is_compared_as_far_as_it_goes(value: dict[str, Any]) -> None:
    sound = contract({"type": "object"}, "request")
    assert found(document(value), document(value)) == ()
    found(document(value), document(sound))
    found(document(sound), document(value))
