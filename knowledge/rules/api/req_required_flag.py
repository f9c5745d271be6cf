"""A body that may be left out, though it has members that may not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._answers import (
    json_schema,
)
from knowledge.rules.api._operations import in_paths, said, where
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Every optional request body whose JSON has required members."""
    if node.value.get("required") is True or not in_paths(node) or node.method in ("get", "head", "delete"):
        return
    content = node.value.get("content")
    schema = context.resolve(json_schema(content)) if isinstance(content, Mapping) else None
    needed = said(schema, context).get("required") if isinstance(schema, Mapping) else None
    if isinstance(needed, list) and needed:
        members = ", ".join(map(str, needed[:3]))
        yield ApiHit(f"the body of {where(node)} may be left out, though {members} must be given")


RULE = ApiRule(
    id="req-required-flag",
    family="api",
    check=check,
    claim="A request body with required members is required itself.",
    severity=Severity.LOW,
    why=(
        "In OpenAPI 3 a body is optional unless it says otherwise: generated clients let callers leave it out, "
        "and the server answers 422."
    ),
    unless="The operation means something without a body.",
    profile=Profile.DESIGN,
    on=(Kind.REQUEST_BODY,),
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    post:
      requestBody:
        content:
          application/json: {schema: {type: object, required: [item], properties: {item: {type: string}}}}
      responses: {'201': {description: Created.}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    post:
      requestBody:
        required: true
        content:
          application/json: {schema: {type: object, required: [item], properties: {item: {type: string}}}}
      responses: {'201': {description: Created.}}
""",
    sources=("https://spec.openapis.org/oas/v3.1.1.html#request-body-object",),
)
