"""OpenAPI 2.0 in the shape of 3.1, knowing where each part stands in the document as written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

METHODS = ("get", "put", "post", "delete", "options", "head", "patch")
NOT_OF_SCHEMA = frozenset({"name", "in", "description", "required", "allowEmptyValue", "collectionFormat"})
FLOWS = {"application": "clientCredentials", "accessCode": "authorizationCode"}
DEFAULT_MEDIA_TYPE = "application/json"


class Upgraded(dict[str, Any]):
    """A part in the shape of 3.1.

    ``steps`` lead to it from the part that holds it, in the document as written; ``raw`` is what stands there.
    """

    __slots__ = ("raw", "steps")

    def __init__(self, value: Mapping[str, Any], steps: tuple[str | int, ...], raw: Any) -> None:
        super().__init__(value)
        self.steps, self.raw = steps, raw


def upgrade(root: Mapping[str, Any]) -> Upgraded:
    """``root`` in the shape of 3.1. References stay as they are written: the old holders are kept beside the new."""
    consumes, produces = _media_types(root, "consumes"), _media_types(root, "produces")
    parameters = {
        name: parameter(value, ("parameters", name)) if value.get("in") not in ("body", "formData") else value
        for name, value in _mappings(root.get("parameters"))
    }
    responses = {
        name: response(value, produces, ("responses", name)) for name, value in _mappings(root.get("responses"))
    }
    schemes = {name: scheme(value, name) for name, value in _mappings(root.get("securityDefinitions"))}
    schemas = root.get("definitions")
    components = {
        "schemas": schemas if isinstance(schemas, dict) else {},
        "parameters": {name: value for name, value in parameters.items() if isinstance(value, Upgraded)},
        "requestBodies": {
            name: body(value, consumes, ("parameters", name))
            for name, value in _mappings(root.get("parameters"))
            if value.get("in") == "body"
        },
        "responses": responses,
        "securitySchemes": schemes,
    }
    made = {**root, "parameters": parameters, "responses": responses, "components": Upgraded(components, (), root)}
    servers = _servers(root)
    if servers:
        made["servers"] = servers
    paths = root.get("paths")
    if isinstance(paths, dict):
        made["paths"] = {
            template: _path(item, root, consumes, produces, template) if isinstance(item, dict) else item
            for template, item in paths.items()
        }
    return Upgraded(made, (), root)


def parameter(value: Mapping[str, Any], steps: tuple[str | int, ...]) -> Upgraded:
    """A parameter that is neither body nor form field: what describes its value is its ``schema``."""
    kept = {name: item for name, item in value.items() if name in NOT_OF_SCHEMA or name.startswith("x-")}
    return Upgraded({**kept, "schema": _own_schema(value)}, steps, value)


def _own_schema(value: Mapping[str, Any]) -> Upgraded:
    schema = {name: item for name, item in value.items() if name not in NOT_OF_SCHEMA and not name.startswith("x-")}
    return Upgraded(schema, (), value)


def body(value: Mapping[str, Any], consumes: list[str], steps: tuple[str | int, ...]) -> Upgraded:
    """A body parameter as a request body."""
    content = {name: Upgraded({"schema": value.get("schema", {})}, (), value) for name in consumes}
    kept = {name: item for name, item in value.items() if name in ("description", "required") or name.startswith("x-")}
    return Upgraded({**kept, "content": content}, steps, value)


def _form(fields: list[tuple[int, Mapping[str, Any]]], consumes: list[str], raw: Any) -> Upgraded:
    """Form fields as a request body of one object."""
    properties: dict[str, Any] = {}
    for index, value in fields:
        schema = _own_schema(value)
        described = {"description": value["description"]} if "description" in value else {}
        properties[str(value.get("name"))] = Upgraded({**schema, **described}, (index,), value)
    required = [str(value.get("name")) for _, value in fields if value.get("required") is True]
    schema = Upgraded({"type": "object", "properties": properties, "required": required}, (), raw)
    if not required:
        del schema["required"]
    has_file = any(value.get("type") == "file" for _, value in fields)
    fitting = [name for name in consumes if "form" in name]
    names = fitting or ["multipart/form-data" if has_file else "application/x-www-form-urlencoded"]
    content = {name: Upgraded({"schema": schema}, (), raw) for name in names}
    return Upgraded({"required": bool(required), "content": content}, ("parameters",), raw)


def response(value: Mapping[str, Any], produces: list[str], steps: tuple[str | int, ...]) -> Upgraded:
    """A response with its schema under each media type."""
    kept = {name: item for name, item in value.items() if name not in ("schema", "examples", "headers")}
    examples = value.get("examples")
    examples = examples if isinstance(examples, dict) else {}
    if "schema" in value:
        names = [*produces, *(name for name in examples if name not in produces)]
        kept["content"] = {name: _media_type(value, examples, name) for name in names}
    headers = value.get("headers")
    if isinstance(headers, dict):
        kept["headers"] = {
            name: Upgraded({"schema": _own_schema(item), **_described(item)}, ("headers", name), item)
            if isinstance(item, dict)
            else item
            for name, item in headers.items()
        }
    return Upgraded(kept, steps, value)


def _described(value: Mapping[str, Any]) -> dict[str, Any]:
    return {"description": value["description"]} if "description" in value else {}


def _media_type(value: Mapping[str, Any], examples: Mapping[str, Any], name: str) -> Upgraded:
    made = {"schema": value["schema"]}
    if name in examples:
        made["example"] = examples[name]
    return Upgraded(made, (), value)


def scheme(value: Mapping[str, Any], name: str) -> Upgraded:
    """A security definition as a security scheme."""
    steps = ("securityDefinitions", name)
    if value.get("type") == "basic":
        return Upgraded({**value, "type": "http", "scheme": "basic"}, steps, value)
    if value.get("type") == "oauth2":
        moved = ("flow", "authorizationUrl", "tokenUrl", "scopes")
        kept = {key: item for key, item in value.items() if key not in moved}
        flow = str(value.get("flow"))
        details = {key: value[key] for key in moved[1:] if key in value}
        return Upgraded({**kept, "flows": {FLOWS.get(flow, flow): details}}, steps, value)
    return Upgraded(value, steps, value)


def _path(
    item: Mapping[str, Any], root: Mapping[str, Any], consumes: list[str], produces: list[str], template: str
) -> Upgraded:
    made = dict(item)
    shared, shared_body, shared_form = _split(item.get("parameters"), root, consumes)
    if "parameters" in item:
        made["parameters"] = shared
    for method in METHODS:
        operation = item.get(method)
        if not isinstance(operation, dict):
            continue
        takes, gives = _media_types(operation, "consumes", consumes), _media_types(operation, "produces", produces)
        own, own_body, own_form = _split(operation.get("parameters"), root, takes)
        converted = dict(operation)
        if "parameters" in operation:
            converted["parameters"] = own
        form = own_form or shared_form
        request = own_body or (_form(form, takes, operation.get("parameters")) if form else shared_body)
        if request is not None:
            converted["requestBody"] = request
        answers = operation.get("responses")
        if isinstance(answers, dict):
            converted["responses"] = {
                status: response(answer, gives, ("responses", status))
                if isinstance(answer, dict) and "$ref" not in answer
                else answer
                for status, answer in answers.items()
            }
        made[method] = Upgraded(converted, (method,), operation)
    return Upgraded(made, ("paths", template), item)


def _split(
    parameters: Any, root: Mapping[str, Any], consumes: list[str]
) -> tuple[list[Any], Upgraded | None, list[tuple[int, Mapping[str, Any]]]]:
    """Parameters proper (references to such stay references), the body, and the form fields with their numbers."""
    proper: list[Any] = []
    found_body: Upgraded | None = None
    form: list[tuple[int, Mapping[str, Any]]] = []
    for index, item in enumerate(parameters if isinstance(parameters, list) else []):
        value = _shared(item, root)
        place = value.get("in") if isinstance(value, dict) else None
        if place == "body":
            found_body = body(value, consumes, ("parameters", index))
        elif place == "formData":
            form.append((index, value))
        elif value is item and isinstance(item, dict):
            proper.append(parameter(item, ("parameters", index)))
        else:
            proper.append(item)
    return proper, found_body, form


def _shared(item: Any, root: Mapping[str, Any]) -> Any:
    """What a reference to a shared parameter leads to."""
    reference = item.get("$ref") if isinstance(item, dict) else None
    if isinstance(reference, str) and reference.startswith("#/parameters/"):
        holder = root.get("parameters")
        name = reference.removeprefix("#/parameters/").replace("~1", "/").replace("~0", "~")
        found = holder.get(name) if isinstance(holder, dict) else None
        return found if isinstance(found, dict) else item
    return item


def _servers(root: Mapping[str, Any]) -> list[Upgraded]:
    host, base = root.get("host"), root.get("basePath")
    schemes = root.get("schemes")
    base = base if isinstance(base, str) and base != "/" else ""
    if not isinstance(host, str):
        return [Upgraded({"url": base}, ("basePath",), base)] if base else []
    if not isinstance(schemes, list) or not schemes:
        return [Upgraded({"url": f"//{host}{base}"}, ("host",), host)]
    return [Upgraded({"url": f"{name}://{host}{base}"}, ("schemes", index), name) for index, name in enumerate(schemes)]


def _media_types(holder: Mapping[str, Any], key: str, default: list[str] | None = None) -> list[str]:
    found = holder.get(key)
    if isinstance(found, list) and found:
        return [str(item) for item in found]
    return default or [DEFAULT_MEDIA_TYPE]


def _mappings(value: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, item in value.items() if isinstance(value, dict) else ():
        if isinstance(item, dict):
            yield name, item
