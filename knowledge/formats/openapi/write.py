"""The whole document, from the blueprint alone."""

from __future__ import annotations

import json
from typing import Any, Final

from knowledge.blueprint.answers import codes, errors, success
from knowledge.blueprint.model import Blueprint
from knowledge.blueprint.routes import Route, routes
from knowledge.formats.openapi.components import reference, schemas_of
from knowledge.formats.openapi.operations import answer_schema, error_response, operation
from knowledge.formats.openapi.values import JsonSchema

VERSION: Final = "3.1.0"

_TEXT: Final[JsonSchema] = {"type": "string"}
HEADERS: Final[dict[str, tuple[str, JsonSchema]]] = {
    "ETag": ("Names this version of what is answered (RFC 9110 section 8.8.3).", _TEXT),
    "CacheControl": ("Who may keep the answer, and how long (RFC 9111 section 5.2).", _TEXT),
    "Location": ("Where the new row is.", {"type": "string", "format": "uri-reference"}),
    "Replayed": ("There where an earlier answer is given again.", {"type": "string", "enum": ["true"]}),
    "RateLimitPolicy": ('The limits that count, as in "default";q=100;w=60.', _TEXT),
    "RateLimit": ('What is left of them, as in "default";r=50;t=30.', _TEXT),
    "Deprecation": ("Since when nobody should begin to use it, as in @1767225600 (RFC 9745).", _TEXT),
    "Sunset": ("From when on it may be gone, as an HTTP date (RFC 8594).", _TEXT),
    "Link": ("A page that says what to use instead (RFC 8288).", _TEXT),
    "RetryAfter": ("Seconds until a repetition may help (RFC 9110 section 10.2.3).", {"type": "integer", "minimum": 0}),
    "Challenge": ("How to sign in (RFC 6750 section 3).", _TEXT),
}


def openapi(blueprint: Blueprint) -> JsonSchema:
    """The document as data."""
    known = routes(blueprint)
    paths: JsonSchema = {}
    for route in known:
        paths.setdefault(route.path, {})[route.method.lower()] = operation(blueprint, route)
    info: JsonSchema = {"title": blueprint.name, "version": f"{blueprint.api_version}.0.0"}
    if blueprint.description:
        info["description"] = blueprint.description
    schemes: JsonSchema = {}
    if any(not route.operation.public for route in known):
        schemes = {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}}
    shared = _shared_errors(blueprint, known)
    return {
        "openapi": VERSION,
        "info": info,
        "servers": [{"url": "/"}],
        "tags": [
            {"name": resource.plural, "description": resource.description or f"All {resource.plural}."}
            for resource in blueprint.resources.values()
        ],
        "paths": paths,
        "components": {
            "schemas": _schemas(blueprint, known),
            "responses": shared,
            "headers": {
                name: {"description": text, "schema": dict(schema)} for name, (text, schema) in _headers(paths, shared)
            },
            **schemes,
        },
    }


def write_openapi(blueprint: Blueprint) -> str:
    """The document as YAML, in the order a reader wants."""
    import yaml

    class Dumper(yaml.SafeDumper):
        def ignore_aliases(self, data: Any) -> bool:
            return True

    return str(yaml.dump(openapi(blueprint), Dumper=Dumper, sort_keys=False, allow_unicode=True, width=110))


def _schemas(blueprint: Blueprint, known: tuple[Route, ...]) -> JsonSchema:
    found: JsonSchema = {}
    for resource in blueprint.resources.values():
        found |= dict(schemas_of(blueprint, resource))
    used = {answer_schema(blueprint, route) for route in known if success(route) != 204}
    for name in sorted(used):
        found[name] = _wrapped(name)
    if any(name.endswith("Page") for name in used):
        found["PageMeta"] = _meta("Where in a list of known length this page is.", "page", "limit", "total")
    if any(name.endswith("Slice") for name in used):
        found["CursorMeta"] = _meta("How to go on in a list that grows; null at its end.", "limit")
        found["CursorMeta"]["properties"]["next_cursor"] = {"anyOf": [dict(_TEXT), {"type": "null"}]}
        found["CursorMeta"]["required"].append("next_cursor")
    if any(name.endswith("Envelope") for name in used):
        found["NoMeta"] = {"type": "object", "description": "Nothing to say beside the data."}
    return found | _error_schemas()


def _wrapped(name: str) -> JsonSchema:
    ending = next(each for each in ("Envelope", "Slice", "Page") if name.endswith(each))
    inner = reference(name.removesuffix(ending))
    data = inner if ending == "Envelope" else {"type": "array", "items": inner}
    meta = {"Envelope": "NoMeta", "Slice": "CursorMeta", "Page": "PageMeta"}[ending]
    return {
        "type": "object",
        "properties": {"data": data, "meta": reference(meta)},
        "required": ["data", "meta"],
    }


def _meta(description: str, *names: str) -> JsonSchema:
    return {
        "type": "object",
        "description": description,
        "properties": {name: {"type": "integer"} for name in names},
        "required": list(names),
    }


def _error_schemas() -> JsonSchema:
    detail = {name: dict(_TEXT) for name in ("field", "code", "message")}
    return {
        "ErrorEnvelope": {
            "type": "object",
            "description": "Every answer that is not a success.",
            "properties": {"error": reference("Problem")},
            "required": ["error"],
        },
        "Problem": {
            "type": "object",
            "description": "What went wrong: a stable code, a sentence, and the parts of the request concerned.",
            "properties": {
                "code": dict(_TEXT),
                "message": dict(_TEXT),
                "details": {"type": "array", "items": reference("ErrorDetail")},
            },
            "required": ["code", "message", "details"],
        },
        "ErrorDetail": {
            "type": "object",
            "description": "What is wrong with one part of the request.",
            "properties": detail,
            "required": list(detail),
        },
    }


def _shared_errors(blueprint: Blueprint, known: tuple[Route, ...]) -> JsonSchema:
    """The error answers that say nothing of one operation alone, by their code."""
    found = {}
    for route in known:
        for status in errors(blueprint, route):
            told = codes(blueprint, route, status)
            if len(told) == 1:
                found[told[0]] = error_response(status, told)
    return dict(sorted(found.items()))


def _headers(*parts: JsonSchema) -> list[tuple[str, tuple[str, JsonSchema]]]:
    """Those that some answer has."""
    text = json.dumps(parts)
    return [(name, told) for name, told in HEADERS.items() if f'headers/{name}"' in text]
