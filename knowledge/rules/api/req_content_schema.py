"""A request body without content, or content that nothing describes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._answers import (
    is_json,
)
from knowledge.rules.api._operations import where
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, _context: ApiContext) -> Iterator[ApiHit]:
    """Every request body without a media type, and every JSON or form without a schema."""
    content = node.value.get("content")
    if not isinstance(content, Mapping) or not content:
        yield ApiHit(f"the request body of {where(node)} has no content")
        return
    for name, media in content.items():
        needs = is_json(name) or "form" in name
        if needs and isinstance(media, Mapping) and not media.keys() & {"schema", "itemSchema", "$ref"}:
            yield ApiHit(f"{name} of the request body of {where(node)} has no schema", ("content", name))


RULE = ApiRule(
    id="req-content-schema",
    family="api",
    check=check,
    claim="A request body has content, and JSON and forms have a schema.",
    severity=Severity.MEDIUM,
    why=(
        "The specification demands content; without a schema generated clients take anything, and nothing is "
        "checked before it is sent."
    ),
    unless="The content is neither JSON nor a form: bytes need no schema in OpenAPI 3.1.",
    profile=Profile.DEFAULT,
    on=(Kind.REQUEST_BODY,),
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    post:
      requestBody: {content: {application/json: {}}}
      responses: {'201': {description: Created.}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    post:
      requestBody: {content: {application/json: {schema: {type: object}}}}
      responses: {'201': {description: Created.}}
""",
    sources=("https://spec.openapis.org/oas/v3.1.1.html#request-body-object",),
)
