"""Any text is read within bounds, in every version; what is wrong with it is said with its line."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.api.document import read_document
from knowledge.api.node import Kind, Node
from knowledge.api.reading import read
from knowledge.api.review import hits
from knowledge.api.walk import Walk
from knowledge.rules import api_rules

HEAD = "info: {title: Shop, version: 1.0.0}\npaths: {}\n"


def nodes(text: str) -> list[Node]:
    document = read_document(text)
    return list(Walk(document.root, document.raw, lambda _: None, document.version))


@pytest.mark.parametrize(
    ("line", "version"),
    [
        ("swagger: '2.0'", "2.0"),
        ("swagger: 2.0", "2.0"),
        ("openapi: 3.0.3", "3.0"),
        ("openapi: 3.1.1", "3.1"),
        ("openapi: 3.2.0", "3.1"),
        ("openapi: '3.1'", "3.1"),
    ],
)
def test_the_version_is_recognised(line: str, version: str) -> None:
    document = read_document(f"{line}\n{HEAD}")
    assert (document.version, document.problems) == (version, [])


@pytest.mark.parametrize("line", ["openapi: 4.0.0", "swagger: '1.2'", "x: 1", "openapi: 3.01.0", "swagger: 3.0.0"])
def test_an_unknown_version_is_said(line: str) -> None:
    document = read_document(f"{line}\n{HEAD}")
    assert [problem.rule for problem in document.problems] == ["document-version"]


def test_yaml_values_are_those_of_json() -> None:
    text = "200: a\nyes: no\ndate: 2020-01-01\nnull: ~\non: 0x1F\nf: 1e3\ns: '1'\nt: True\nb: 012\ne:\ninf: .inf\n"
    assert read(text).value == {
        "200": "a",
        "yes": "no",
        "date": "2020-01-01",
        "null": None,
        "on": 31,
        "f": 1000.0,
        "s": "1",
        "t": True,
        "b": 12,
        "e": None,
        "inf": ".inf",
    }


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: [1, 2\nb: 3", 2),
        ("a: b: c", 1),
        ("\ta: 1", 1),
        ("a: *nobody", 1),
        ("a: &x {b: *x}", 1),
        ("- 1\n", 1),
        ("just words", 1),
        ("", 1),
        ("a: 1\n---\nb: 2\n", 2),
        ("? [1]\n: 2\n", 1),
        ('{"a": 1', 1),
        ("a: \x00", 1),
        ("a: \ud800", 1),
    ],
)
def test_what_cannot_be_read_is_said_with_its_line(text: str, line: int) -> None:
    problems = [problem for problem in read_document(text).problems if problem.rule == "document-unreadable"]
    assert problems and problems[0].line <= line + 1


def test_aliases_that_would_fill_the_memory_are_refused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]
    (problem,) = read_document("\n".join(lines)).problems
    assert "aliases" in problem.message


def test_the_same_text_with_fewer_aliases_is_read() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]", "a1: &a1 [*a0, *a0]", "a2: [*a1, *a1]"]
    assert len(read("\n".join(lines)).value["a2"]) == 2


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 50_000, "- " * 20_000, "a: " + "[" * 5_000, "{a: " * 3_000])
def test_depth_is_bounded(text: str) -> None:
    assert [problem.rule for problem in read_document(text).problems] == ["document-unreadable"]


def test_schemas_deeper_than_the_walk_goes_are_left_alone() -> None:
    deep: dict[str, Any] = {"type": "string"}
    for _ in range(240):
        deep = {"items": deep}
    text = json.dumps({"openapi": "3.1.0", "components": {"schemas": {"A": deep}}})
    assert 190 < sum(node.kind is Kind.SCHEMA for node in nodes(text)) < 210


def test_a_recursive_schema_is_visited_once() -> None:
    text = json.dumps(
        {
            "openapi": "3.1.0",
            "components": {
                "schemas": {
                    "Tree": {"properties": {"left": {"$ref": "#/components/schemas/Tree"}, "more": {"$ref": "#"}}},
                    "A": {"$ref": "#/components/schemas/B"},
                    "B": {"$ref": "#/components/schemas/A"},
                }
            },
        }
    )
    assert sum(node.kind is Kind.SCHEMA for node in nodes(text)) == 5
    hits(read_document(text), api_rules())


SAMPLE: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "t", "version": "1", "contact": {"url": "https://a.example"}, "license": {"name": "MIT"}},
    "servers": [{"url": "https://{h}.example.net/v1", "variables": {"h": {"default": "a", "enum": ["a"]}}}],
    "tags": [{"name": "a", "description": "A."}],
    "security": [{"key": []}],
    "paths": {
        "/users/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
            "get": {
                "operationId": "get_user",
                "tags": ["a"],
                "parameters": [{"$ref": "#/components/parameters/Page"}, {"name": "q", "in": "query", "example": 1}],
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/User"}}}},
                "responses": {
                    "200": {
                        "description": "d",
                        "headers": {"ETag": {"schema": {"type": "string"}}},
                        "content": {"application/json": {"schema": {"type": "array", "items": {}}, "example": [1]}},
                        "links": {"l": {"operationId": "get_user"}},
                    },
                    "default": {"$ref": "#/components/responses/Error"},
                },
                "callbacks": {"c": {"{$request.body#/url}": {"post": {"responses": {"200": {"description": "x"}}}}}},
            },
        }
    },
    "webhooks": {"w": {"post": {"requestBody": {"content": {"a/b": {"examples": {"e": {"value": 1}}}}}}}},
    "components": {
        "schemas": {
            "User": {
                "type": "object",
                "required": ["id"],
                "properties": {
                    "id": {"type": "string", "format": "uuid", "pattern": "^a"},
                    "kind": {"oneOf": [{"enum": ["a", None]}, {"const": 1}], "discriminator": {"propertyName": "t"}},
                },
                "allOf": [{"minimum": 1, "maximum": 0}],
                "additionalProperties": {"type": ["string", "null"]},
            }
        },
        "parameters": {"Page": {"name": "page", "in": "query", "schema": {"type": "integer", "default": 1}}},
        "responses": {"Error": {"description": "e", "content": {"application/problem+json": {"schema": {}}}}},
        "securitySchemes": {
            "key": {"type": "apiKey", "in": "query", "name": "k"},
            "o": {"type": "oauth2", "flows": {}},
        },
    },
}
SWAGGER: dict[str, Any] = {
    "swagger": "2.0",
    "info": {"title": "t", "version": "1"},
    "host": "a.example",
    "schemes": ["https"],
    "consumes": ["application/json"],
    "paths": {
        "/a": {
            "parameters": [{"$ref": "#/parameters/P"}],
            "post": {
                "parameters": [
                    {"name": "b", "in": "body", "schema": {"$ref": "#/definitions/D"}},
                    {"name": "q", "in": "query", "type": "array", "items": {"type": "string"}},
                ],
                "responses": {"200": {"description": "d", "schema": {}, "headers": {"X": {"type": "string"}}}},
            },
            "put": {
                "parameters": [{"name": "f", "in": "formData", "type": "file"}],
                "responses": {"200": {"$ref": "#/responses/R"}},
            },
        }
    },
    "parameters": {"P": {"name": "p", "in": "header", "type": "string"}},
    "responses": {"R": {"description": "r", "examples": {"application/json": 1}}},
    "definitions": {"D": {"type": "object", "properties": {"a": {"type": "string"}}}},
    "securityDefinitions": {"b": {"type": "basic"}, "o": {"type": "oauth2", "flow": "implicit", "scopes": {}}},
}
ODD = st.sampled_from(
    [None, True, 0, -1, 1.5, "", "x", [], {}, [None], [[]], {"$ref": 1}, {"$ref": "#/a"}, [{}], {"": {}}]
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    steps = list(value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ())
    return [found for step, item in steps for found in ((*path, step), *places(item, (*path, step)))]


@given(st.sampled_from([SAMPLE, SWAGGER]), st.sampled_from(["2.0", "3.0.0", "3.1.0", "3.2.0"]), st.data())
@settings(max_examples=100, deadline=None)
def test_no_damage_makes_the_reading_or_the_walk_fail(tree: Any, version: str, data: st.DataObject) -> None:
    copy = json.loads(json.dumps(tree))
    if "openapi" in copy:
        copy["openapi"] = version
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(places(copy)))
        holder = copy
        for step in path[:-1]:
            holder = holder[step]
        if isinstance(holder, dict) and data.draw(st.booleans()):
            del holder[path[-1]]
        else:
            holder[path[-1]] = json.loads(json.dumps(data.draw(ODD)))
        if not copy:
            break
    failures: list[Any] = []
    document = read_document(json.dumps(copy))
    found = hits(document, api_rules(), None, failures)
    assert [(failure.rule.id, failure.error) for failure in failures] == []
    document.locate_all([node.pointer for _, node, _ in found])


@given(st.text(max_size=60))
@settings(deadline=None)
def test_any_text_is_read(text: str) -> None:
    document = read_document(text)
    hits(document, api_rules(), None, [])


def test_a_document_of_2_0_is_walked_in_the_shape_of_3_1() -> None:
    seen = [(node.kind, node.pointer) for node in nodes(json.dumps(SWAGGER))]
    assert (Kind.REQUEST_BODY, ("paths", "/a", "post", "parameters", 0)) in seen
    assert (Kind.SCHEMA, ("paths", "/a", "post", "parameters", 0, "schema")) in seen
    assert (Kind.PARAMETER, ("paths", "/a", "post", "parameters", 1)) in seen
    assert (Kind.SCHEMA, ("paths", "/a", "post", "responses", "200", "schema")) in seen
    assert (Kind.SCHEMA, ("definitions", "D", "properties", "a")) in seen
    assert (Kind.PARAMETER, ("parameters", "P")) in seen
    assert (Kind.SERVER, ("schemes", 0)) in seen
    assert (Kind.SECURITY_SCHEME, ("securityDefinitions", "b")) in seen


def test_operations_of_callbacks_and_webhooks_have_no_path() -> None:
    operations = {node.pointer[0]: node.path for node in nodes(json.dumps(SAMPLE)) if node.kind is Kind.OPERATION}
    assert operations["webhooks"] == ""
    callbacks = [node for node in nodes(json.dumps(SAMPLE)) if node.kind is Kind.CALLBACK]
    assert [node.key for node in callbacks] == ["{$request.body#/url}", "w"]


def test_nodes_come_in_the_order_of_the_document_with_parents_first() -> None:
    seen: set[int] = set()
    for node in nodes(json.dumps(SAMPLE)):
        assert node.parent is None or id(node.parent) in seen
        seen.add(id(node))


def test_webhooks_of_documents_before_3_1_are_walked_as_well() -> None:
    hook = {"post": {"requestBody": {"content": {"a/b": {"schema": {"$ref": "#/components/schemas/A"}}}}}}
    tree = {"openapi": "3.0.3", "x-webhooks": {"paid": hook}, "components": {"schemas": {"A": {"type": "string"}}}}
    (operation,) = [node for node in nodes(json.dumps(tree)) if node.kind is Kind.OPERATION]
    assert (operation.pointer, operation.path) == (("x-webhooks", "paid", "post"), "")
