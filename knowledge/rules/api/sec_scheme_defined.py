"""A requirement of a security scheme that is not declared."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._schemes import schemes
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Every requirement whose name is no declared scheme; 3.2 admits references in their place."""
    declared = schemes(context)
    for name in node.value:
        if name not in declared and "/" not in name and "#" not in name:
            yield ApiHit(f"the security scheme {name} is required, but not declared", (name,), name)


RULE = ApiRule(
    id="sec-scheme-defined",
    family="api",
    check=check,
    claim="Every security requirement names a declared security scheme.",
    severity=Severity.HIGH,
    why=(
        "Clients do not know which credentials to send, and generated ones send none: the operation looks "
        "protected and cannot be called."
    ),
    unless="The name is a reference to a scheme elsewhere, as OpenAPI 3.2 admits.",
    profile=Profile.DEFAULT,
    on=(Kind.REQUIREMENT,),
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      security: [{token: []}]
      responses: {'200': {description: Orders.}}
components:
  securitySchemes: {bearer: {type: http, scheme: bearer}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      security: [{bearer: []}]
      responses: {'200': {description: Orders.}}
components:
  securitySchemes: {bearer: {type: http, scheme: bearer}}
""",
    sources=("https://spec.openapis.org/oas/v3.1.1.html#security-requirement-object",),
)
