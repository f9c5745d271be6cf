"""A body that is a bare array."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._answers import (
    is_json,
)
from knowledge.rules.api._operations import in_paths, said, type_names, where
from knowledge.rules.api_rule import ApiRule, Profile

ARRAYS = ("application/json-patch+json",)


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Every request body in JSON whose schema is an array."""
    content = node.value.get("content")
    for name, media in content.items() if isinstance(content, Mapping) and in_paths(node) else ():
        if not is_json(name) or name.partition(";")[0].strip() in ARRAYS or not isinstance(media, Mapping):
            continue
        schema = context.resolve(media.get("schema"))
        whole = said(schema, context) if isinstance(schema, Mapping) else {}
        if type_names(whole) == {"array"} and not _is_patch(whole, context):
            yield ApiHit(f"the body of {where(node)} is a bare array", ("content", name))
            return


def _is_patch(array: Mapping[str, Any], context: ApiContext) -> bool:
    """Whether the items are operations of a JSON Patch, under whatever media type."""
    items = context.resolve(array.get("items"))
    found = said(items, context).get("properties") if isinstance(items, Mapping) else None
    return isinstance(found, Mapping) and {"op", "path"} <= {str(name).lower() for name in found}


RULE = ApiRule(
    id="req-object-root",
    family="api",
    check=check,
    claim="A request body in JSON is an object, not an array.",
    severity=Severity.LOW,
    why="Nothing can be added beside the array later, an option or a token, without breaking every client.",
    unless="It is a JSON Patch (RFC 6902), which is an array.",
    profile=Profile.DESIGN,
    on=(Kind.REQUEST_BODY,),
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    post:
      requestBody: {content: {application/json: {schema: {type: array, items: {type: string}}}}}
      responses: {'201': {description: Created.}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    post:
      requestBody:
        content:
          application/json:
            schema: {type: object, properties: {items: {type: array, items: {type: string}}}}
      responses: {'201': {description: Created.}}
""",
    sources=("https://opensource.zalando.com/restful-api-guidelines/#110",),
)
