"""What is read from OpenAPI documents: operations, resources, references, and schemas that judge."""

from __future__ import annotations

from typing import Any

import pytest

from backend.exercise.contract import Contract
from backend.exercise.derivation import singular
from backend.exercise.schemas import ContractError

ROW = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string", "format": "uuid"}}}
LIST = {"type": "object", "properties": {"data": {"type": "array", "items": {"$ref": "#/components/schemas/Row"}}}}


def answers(schema: Any = None) -> dict[str, Any]:
    content = {"application/json": {"schema": schema}} if schema is not None else {}
    return {
        "responses": {"200": {"description": "", "content": content}, "4XX": {"$ref": "#/components/responses/Bad"}}
    }


def takes(*fields: str) -> dict[str, Any]:
    schema = {"type": "object", "properties": {name: {"type": "string"} for name in fields}}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}, **answers(ROW)}


def contract(paths: dict[str, Any], version: str = "3.1.0", **more: Any) -> Contract:
    components = {
        "schemas": {"Row": ROW, **more},
        "responses": {"Bad": {"description": "", "content": {"application/problem+json": {"schema": {}}}}},
    }
    return Contract.read({"openapi": version, "info": {"title": "T"}, "paths": paths, "components": components})


def test_resources_are_derived_from_paths() -> None:
    found = contract(
        {
            "/healthz": {"get": answers({"type": "object"})},
            "/api/v1/order-lines": {"get": answers(LIST), "post": takes("order_id", "productId", "note_id")},
            "/api/v1/order-lines/{order_line_id}": {"get": answers(ROW), "patch": takes("note"), "delete": answers()},
            "/api/v1/orders": {"get": answers(LIST), "post": takes("user_id")},
            "/api/v1/orders/{order_id}": {"get": answers(ROW)},
            "/api/v1/orders/{order_id}/order-lines": {"get": answers(LIST), "post": takes("productId")},
            "/api/v1/products": {"get": answers(LIST), "post": takes("name")},
            "/api/v1/products/{id}": {"get": answers(ROW), "put": takes("name")},
            "/api/v1/products/{id}/categories": {"get": answers(LIST)},
            "/api/v1/products/{id}/categories/{category_id}": {"put": answers(), "delete": answers()},
            "/api/v1/categories": {"get": answers(LIST)},
            "/api/v1/categories/{category_id}": {"get": answers(ROW)},
            "/api/v1/users/{user_id}": {"get": answers(ROW)},
            "/api/v1/users/{user_id}/addresses": {"get": answers(LIST), "post": takes("street")},
            "/api/v1/users/{user_id}/addresses/{address_id}": {"get": answers(ROW)},
        }
    )
    by_name = {each.name: each for each in found.resources}
    assert sorted(by_name) == ["address", "category", "order", "order_line", "product", "user"]
    line = by_name["order_line"]
    assert line.references == {"order_id": "order", "productId": "product"}
    assert [(each.parent, each.parameter) for each in line.nested] == [("order", "order_id")]
    assert line.nested[0].create is not None
    link = by_name["product"].links[0]
    assert (link.other, link.parameter, link.other_parameter) == ("category", "id", "category_id")
    assert link.list is not None and link.unlink is not None
    assert by_name["product"].update is not None and by_name["product"].update.method == "PUT"
    assert by_name["address"].parent == "user"
    order = list(by_name)
    assert order.index("product") < order.index("order_line") > order.index("order") > order.index("user")
    assert found.item_of("/api/v1/products/{id}/categories", "id") is by_name["product"]


def test_answers_are_found_by_status_range_and_default() -> None:
    operation = contract({"/a": {"get": answers(ROW)}}).operations[0]
    ok, bad = operation.promise(200), operation.promise(404)
    assert ok is not None and ok.types == ("application/json",)
    assert bad is not None and bad.types == ("application/problem+json",) and bad.schema == {}
    assert operation.promise(500) is None


def test_an_operation_s_parameters_replace_those_of_its_path() -> None:
    shared = {"name": "x", "in": "query", "schema": {"type": "string"}}
    own = {"name": "x", "in": "query", "required": True, "schema": {"type": "integer"}}
    operation = contract({"/a": {"parameters": [shared], "get": {**answers(), "parameters": [own]}}}).operations[0]
    assert [(each.name, each.required, each.schema) for each in operation.parameters] == [
        ("x", True, {"type": "integer"})
    ]


@pytest.mark.parametrize(
    ("security", "needed"), [([{"bearer": []}], True), ([{}, {"bearer": []}], False), ([], False), (None, True)]
)
def test_whether_a_token_is_needed_is_read(security: Any, needed: bool) -> None:
    operation = answers() if security is None else {**answers(), "security": security}
    document = {"openapi": "3.1.0", "paths": {"/a": {"get": operation}}, "security": [{"bearer": []}]}
    assert Contract.read({**document, "components": {"responses": {"Bad": {}}}}).operations[0].needs_auth is needed


def test_recursive_schemas_judge() -> None:
    node = {"type": "object", "properties": {"next": {"$ref": "#/components/schemas/Node"}, "n": {"type": "integer"}}}
    schemas = contract({}, Node=node).schemas
    reference = {"$ref": "#/components/schemas/Node"}
    assert schemas.errors(reference, {"next": {"next": {"n": 1}}}) == []
    assert schemas.errors(reference, {"next": {"n": "x"}}) == ['/next/n: "x" is not of type "integer"']
    assert schemas.errors(ROW, {"id": "7"})


def test_half_characters_are_judged_like_others() -> None:
    schemas = contract({}).schemas
    assert schemas.valid({"type": "string", "maxLength": 1}, "\ud800")
    assert not schemas.valid({"type": "string", "maxLength": 1}, "\ud800\ud800")


def test_openapi_3_0_is_understood() -> None:
    old = {"type": "integer", "minimum": 0, "exclusiveMinimum": True, "nullable": True}
    found = contract({"/a": {"get": answers(old)}}, "3.0.3")
    promise = found.operations[0].promise(200)
    assert promise is not None and promise.schema is not None
    assert [found.schemas.valid(promise.schema, value) for value in (None, 1, 0, "x")] == [True, True, False, False]


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"swagger": "2.0", "paths": {}}, "not an OpenAPI 3 document"),
        ({"openapi": "3.1.0"}, "not an OpenAPI 3 document"),
        ({"openapi": "3.1.0", "paths": {"/a": {"$ref": "#/components/pathItems/A"}}}, "leads nowhere"),
        ({"openapi": "3.1.0", "paths": {"/a": {"$ref": "other.json#/a"}}}, "out of the document"),
        (
            {
                "openapi": "3.1.0",
                "paths": {"/a": {"$ref": "#/components/x/A"}},
                "components": {"x": {"A": {"$ref": "#/components/x/A"}}},
            },
            "round in a circle",
        ),
    ],
)
def test_documents_that_cannot_be_used_say_why(document: dict[str, Any], said: str) -> None:
    with pytest.raises(ContractError, match=said):
        Contract.read(document)


@pytest.mark.parametrize(
    ("plural", "expected"),
    [("users", "user"), ("categories", "category"), ("addresses", "address"), ("boxes", "box"), ("status", "statu")],
)
def test_singulars_follow_the_ending(plural: str, expected: str) -> None:
    assert singular(plural) == expected
