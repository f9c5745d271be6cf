"""A body whose type has no name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._answers import (
    json_schema,
)
from knowledge.rules.api._operations import own
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Every JSON body that is an object with members, written in the operation, without a title."""
    content = node.value.get("content")
    operation = node.parent.value if node.parent is not None else {}
    schema = json_schema(content) if isinstance(content, Mapping) else None
    if not isinstance(schema, Mapping) or not node.path or not own(node):
        return
    if schema.get("properties") and not schema.get("title") and "x-codegen-request-body-name" not in operation:
        yield ApiHit(f"the body of {node.method} {node.path} is an object without a name")


RULE = ApiRule(
    id="req-body-name",
    family="api",
    check=check,
    claim="A request body that is an object is a named schema, or has a title.",
    severity=Severity.LOW,
    why=(
        "Generators make up a name (InlineObject3, CreateOrderRequest) that changes with the order of the "
        "document; code of clients that names the type breaks by it."
    ),
    unless="It is a form, or generators take its members as arguments.",
    profile=Profile.STYLE,
    on=(Kind.REQUEST_BODY,),
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    post:
      requestBody:
        content: {application/json: {schema: {type: object, properties: {item: {type: string}}}}}
      responses: {'201': {description: Created.}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    post:
      requestBody:
        content: {application/json: {schema: {$ref: '#/components/schemas/NewOrder'}}}
      responses: {'201': {description: Created.}}
components:
  schemas:
    NewOrder: {type: object, properties: {item: {type: string}}}
""",
    sources=("https://github.com/IBM/openapi-validator/blob/main/docs/ibm-cloud-rules.md",),
)
