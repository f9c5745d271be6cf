"""The contract of the lawful sample, made from its kinds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lawful_store import KINDS, UUID, Kind

MOST = 50
DATE = {"type": "string", "format": "date-time"}


def openapi() -> dict[str, Any]:
    """An OpenAPI 3.1 document."""
    paths: dict[str, Any] = {}
    for kind in KINDS.values():
        for path, method, operation in _operations(kind):
            paths.setdefault(path, {})[method] = operation
    schemes = {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}}
    return {"openapi": "3.1.0", "info": {"title": "Lawful", "version": "1"}, "paths": paths, "components": schemes}


def _operations(kind: Kind) -> Iterator[tuple[str, str, dict[str, Any]]]:
    rows, one = f"/api/v1/{kind.plural}", f"/api/v1/{kind.plural}/{{{kind.name}_id}}"
    key = _parameter(f"{kind.name}_id", "path", UUID)
    listing = _operation(kind, "list", f"list_{kind.plural}", _list_parameters(kind), answer={"200": _rows(kind)})
    yield rows, "get", listing
    create = _operation(kind, "create", f"create_{kind.name}", [_once(kind)], _body(kind), {"201": _row(kind)})
    yield rows, "post", create
    yield one, "get", _operation(kind, "get", f"get_{kind.name}", [key], answer={"200": _row(kind)})
    match = [_parameter("If-Match", "header", {"type": "string"}, True)] if kind.versioned else []
    change = {**_body(kind), "required": [], "minProperties": 1}
    yield one, "patch", _operation(kind, "update", f"update_{kind.name}", [key, *match], change, {"200": _row(kind)})
    yield one, "delete", _operation(kind, "delete", f"delete_{kind.name}", [key, *match], answer={"204": None})
    if kind.parent:
        nested = f"/api/v1/{kind.parent}s/{{{kind.parent}_id}}/{kind.plural}"
        parent = _parameter(f"{kind.parent}_id", "path", UUID)
        yield nested, "get", {**listing, "parameters": [parent, *listing["parameters"]], "operationId": "list_nested"}
        inner = _body(kind, without=f"{kind.parent}_id")
        parameters = [parent, _once(kind)]
        yield nested, "post", _operation(kind, "create", "create_nested", parameters, inner, {"201": _row(kind)})
    for relation, other in kind.links.items():
        ends = [key, _parameter(f"{other}_id", "path", UUID)]
        pages = _list_parameters(kind, plain=True)
        shown = {"200": _rows(KINDS[other])}
        yield f"{one}/{relation}", "get", _operation(kind, "get", f"list_{relation}", [key, *pages], answer=shown)
        for method in ("put", "delete"):
            path = f"{one}/{relation}/{{{other}_id}}"
            yield path, method, _operation(kind, "update", f"{method}_{relation}", ends, answer={"204": None})


def _operation(
    kind: Kind, name: str, key: str, parameters: list[Any], body: Any = None, answer: Any = None
) -> dict[str, Any]:
    found: dict[str, Any] = {"operationId": key, "parameters": parameters, "responses": {}}
    for status, schema in answer.items():
        content = {"content": {"application/json": {"schema": schema}}} if schema else {}
        found["responses"][status] = {"description": "Done", **content}
    if body:
        found["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
    if "public" not in kind.access.get(name, ()):
        found["security"] = [{"bearer": []}]
    return found


def _parameter(name: str, place: str, schema: Any, required: bool | None = None) -> dict[str, Any]:
    return {
        "name": name,
        "in": place,
        "required": place == "path" if required is None else required,
        "schema": schema,
    }


def _once(kind: Kind) -> dict[str, Any]:
    schema = {"type": "string", "minLength": 1, "maxLength": 64}
    return _parameter("Idempotency-Key", "header", schema, kind.once == "required")


def _list_parameters(kind: Kind, plain: bool = False) -> list[dict[str, Any]]:
    found = [_parameter("limit", "query", {"type": "integer", "minimum": 1, "maximum": MOST})]
    if kind.cursor and not plain:
        found.append(_parameter("cursor", "query", {"type": "string"}))
    else:
        found.append(_parameter("page", "query", {"type": "integer", "minimum": 1}))
    if plain:
        return found
    if kind.sort:
        words = [sign + name for name in kind.sort for sign in ("", "-")]
        found.append(_parameter("sort", "query", {"type": "string", "enum": words}))
    found += [_parameter(name, "query", kind.fields[name]) for name in kind.filter]
    if kind.search:
        found.append(_parameter("q", "query", {"type": "string"}))
    return found


def _body(kind: Kind, without: str = "") -> dict[str, Any]:
    fields = {name: schema for name, schema in kind.fields.items() if name != without}
    required = [name for name in fields if name not in kind.optional]
    return {"type": "object", "properties": fields, "required": required, "additionalProperties": False}


def _columns(kind: Kind) -> dict[str, Any]:
    optional = {name: {"anyOf": [kind.fields[name], {"type": "null"}]} for name in kind.optional}
    found = {"id": UUID, **kind.fields, **optional, "created_at": DATE, "updated_at": DATE}
    found |= {name: {"type": "integer"} for name in kind.read_only}
    if kind.owned:
        found["owner_id"] = UUID
    if kind.versioned:
        found["version"] = {"type": "integer"}
    return found


def _row(kind: Kind) -> dict[str, Any]:
    row = {"type": "object", "properties": _columns(kind)}
    return {"type": "object", "properties": {"data": row, "meta": {"type": "object"}}}


def _rows(kind: Kind) -> dict[str, Any]:
    columns = _columns(kind) | ({kind.parent: {"type": "object"}} if kind.parent else {})
    rows = {"type": "array", "items": {"type": "object", "properties": columns}}
    return {"type": "object", "properties": {"data": rows, "meta": {"type": "object"}}}
