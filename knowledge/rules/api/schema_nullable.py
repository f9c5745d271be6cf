"""nullable where it has no effect."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._schema_types import COMPOSITIONS
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, _context: ApiContext) -> Iterator[ApiHit]:
    """nullable beside a reference, or without a type in the same schema."""
    value = node.value
    if value.get("nullable") is not True or "type" in value:
        return
    if "$ref" in value:
        yield ApiHit("nullable beside $ref is ignored: null is refused", ("nullable",), node.key)
    else:
        composed = any(name in value for name in COMPOSITIONS)
        harm = "null is not admitted by it" if composed else "it is ignored"
        yield ApiHit(f"nullable has an effect only beside a type: {harm}", ("nullable",), node.key)


RULE = ApiRule(
    id="schema-nullable",
    claim="nullable stands beside a type, in the same schema.",
    family="api",
    severity=Severity.MEDIUM,
    why=(
        "OpenAPI 3.0 lets nullable extend the type next to it and nothing else: tools disagree whether null "
        "may come, and strict clients fail on it."
    ),
    unless="The document is not OpenAPI 3.0: 2.0 and 3.1 have no nullable.",
    profile=Profile.DEFAULT,
    on=(Kind.SCHEMA,),
    keywords=("nullable",),
    documents=("3.0",),
    check=check,
    failing="""\
openapi: 3.0.3
info: {title: Shop, version: 1.0.0}
paths: {}
components:
  schemas:
    Order:
      type: object
      properties:
        customer:
          nullable: true
          allOf: [{$ref: '#/components/schemas/Customer'}]
    Customer:
      type: object
      properties:
        name: {type: string}
""",
    passing="""\
openapi: 3.0.3
info: {title: Shop, version: 1.0.0}
paths: {}
components:
  schemas:
    Order:
      type: object
      properties:
        customer:
          type: object
          nullable: true
          properties:
            name: {type: string}
""",
    sources=(
        "https://spec.openapis.org/oas/v3.0.4.html#fixed-fields-20",
        "https://github.com/OAI/OpenAPI-Specification/blob/main/proposals/2019-10-31-Clarify-Nullable.md",
        "https://redocly.com/docs/cli/rules/oas/nullable-type-sibling",
    ),
)
