"""The fixed fields of each object of OpenAPI, and the versions that know them (the specifications' own tables)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from knowledge.api.node import Kind

VERSIONS = ("2.0", "3.0", "3.1", "3.2")


@dataclass(frozen=True, slots=True)
class Field:
    """One fixed field: what its value is, and in which versions it exists and is required."""

    what: str
    versions: tuple[str, ...]
    required: tuple[str, ...] = ()


def _mapping_of_objects(value: Any) -> bool:
    return isinstance(value, Mapping) and all(isinstance(item, Mapping) for item in value.values())


def _list_of(value: Any, kind: type | tuple[type, ...]) -> bool:
    return isinstance(value, list) and all(isinstance(item, kind) for item in value)


CHECKS: Mapping[str, Callable[[Any], bool]] = {
    "a text": lambda value: isinstance(value, str),
    "true or false": lambda value: isinstance(value, bool),
    "an object": lambda value: isinstance(value, Mapping),
    "an object of objects": _mapping_of_objects,
    "a list of objects": lambda value: _list_of(value, Mapping),
    "a list of texts": lambda value: _list_of(value, str),
    "anything": lambda _value: True,
    "a schema": lambda value: isinstance(value, Mapping | bool),
}
_SHORT = dict(
    zip(
        "s b m mm lm ls a j".split(),
        CHECKS,
        strict=True,
    )
)
_SINCE = {"": VERSIONS, "3": VERSIONS[1:], "31": VERSIONS[2:], "32": VERSIONS[3:], "2": VERSIONS[:1], "30": ("3.0",)}


def _fields(text: str) -> dict[str, Field]:
    """Fields as ``name:type:since:required``; ``since`` and ``required`` are keys of ``_SINCE``."""
    found = {}
    for word in text.split():
        name, what, *rest = word.split(":")
        since, required = _SINCE[rest[0] if rest else ""], _SINCE[rest[1]] if len(rest) > 1 else ()
        found[name] = Field(_SHORT[what], since, required)
    return found


_METHODS = " ".join(f"{name}:m" for name in ("get", "put", "post", "delete", "options", "head", "patch"))

FIELDS: Mapping[Kind, Mapping[str, Field]] = {
    Kind.DOCUMENT: {
        **_fields(
            "openapi:s:3:3 info:m:: jsonSchemaDialect:s:31 servers:lm:3 webhooks:mm:31 components:mm:3 $self:s:32 "
            "security:lm tags:lm externalDocs:m swagger:a:2:2 host:s:2 basePath:s:2 schemes:ls:2 consumes:ls:2 "
            "produces:ls:2 definitions:mm:2 parameters:mm:2 responses:mm:2 securityDefinitions:mm:2"
        ),
        "paths": Field("an object", VERSIONS, ("2.0", "3.0")),
    },
    Kind.INFO: _fields("title:s:: version:s:: summary:s:31 description:s termsOfService:s contact:m license:m"),
    Kind.SERVER: _fields("url:s:3:3 description:s:3 variables:mm:3 name:s:32"),
    Kind.TAG: _fields("name:s:: description:s externalDocs:m summary:s:32 parent:s:32 kind:s:32"),
    Kind.PATH: _fields(
        f"$ref:s summary:s:3 description:s:3 {_METHODS} trace:m:3 query:m:32 additionalOperations:mm:32 "
        "servers:lm:3 parameters:lm"
    ),
    Kind.OPERATION: {
        **_fields(
            "tags:ls summary:s description:s externalDocs:m operationId:s parameters:lm requestBody:m:3 "
            "callbacks:mm:3 deprecated:b security:lm servers:lm:3 consumes:ls:2 produces:ls:2 schemes:ls:2"
        ),
        "responses": Field("an object of objects", VERSIONS, ("2.0", "3.0")),
    },
    Kind.PARAMETER: _fields(
        "name:s:: in:s:: description:s required:b deprecated:b:3 allowEmptyValue:b style:s:3 explode:b:3 "
        "allowReserved:b:3 schema:j:3 example:a:3 examples:mm:3 content:mm:3"
    ),
    Kind.REQUEST_BODY: _fields("description:s:3 content:mm:3:3 required:b:3"),
    Kind.RESPONSE: {
        **_fields("headers:mm content:mm:3 links:mm:3 summary:s:32 schema:m:2 examples:m:2"),
        "description": Field("a text", VERSIONS, VERSIONS[:3]),
    },
    Kind.HEADER: _fields(
        "description:s:3 required:b:3 deprecated:b:3 allowEmptyValue:b:3 style:s:3 explode:b:3 allowReserved:b:3 "
        "schema:j:3 example:a:3 examples:mm:3 content:mm:3"
    ),
    Kind.MEDIA_TYPE: _fields(
        "schema:j:3 example:a:3 examples:mm:3 encoding:mm:3 itemSchema:j:32 prefixEncoding:lm:32 itemEncoding:m:32"
    ),
    Kind.EXAMPLE: _fields(
        "summary:s:3 description:s:3 value:a:3 externalValue:s:3 dataValue:a:32 serializedValue:s:32"
    ),
    Kind.SECURITY_SCHEME: _fields(
        "type:s:: description:s name:s in:s scheme:s:3 bearerFormat:s:3 flows:m:3 openIdConnectUrl:s:3 "
        "deprecated:b:32 oauth2MetadataUrl:s:32 flow:s:2 authorizationUrl:s:2 tokenUrl:s:2 scopes:m:2"
    ),
    Kind.LINK: _fields("operationRef:s:3 operationId:s:3 parameters:m:3 requestBody:a:3 description:s:3 server:m:3"),
}
FIELDS = {**FIELDS, Kind.CALLBACK: FIELDS[Kind.PATH]}

SCHEMA_SINCE: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("oneOf", "anyOf", "not", "nullable", "writeOnly", "deprecated"), _SINCE["3"]),
    **dict.fromkeys(
        (
            "const if then else contains minContains maxContains prefixItems patternProperties propertyNames "
            "dependentSchemas dependentRequired unevaluatedItems unevaluatedProperties contentEncoding "
            "contentMediaType contentSchema $id $schema $anchor $dynamicRef $dynamicAnchor $defs $comment $vocabulary "
            "examples"
        ).split(),
        _SINCE["31"],
    ),
    "nullable": ("3.0",),
}
"""Keywords of schemas that not every version knows; one that does not know it ignores it in silence."""
