"""A header parameter that OpenAPI describes elsewhere, and ignores here."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._operations import parameter_name
from knowledge.rules.api_rule import ApiRule, Profile

ELSEWHERE = {
    "accept": "the media types of responses",
    "content-type": "the media types of the request body",
    "authorization": "a security scheme",
}


def check(node: Node, _context: ApiContext) -> Iterator[ApiHit]:
    """Every header parameter called Accept, Content-Type or Authorization."""
    given = parameter_name(node)
    name = given.strip().lower()
    if node.value.get("in") == "header" and name in ELSEWHERE:
        yield ApiHit(
            f"the header parameter {given} is ignored: {ELSEWHERE[name]} is the place",
            subject=given,
        )


RULE = ApiRule(
    id="param-reserved-headers",
    family="api",
    check=check,
    claim="Accept, Content-Type and Authorization are not declared as parameters.",
    severity=Severity.MEDIUM,
    why=(
        "The specification says that such a definition is ignored: generated clients do not send the header, "
        "and an operation that seems to be protected is documented as open."
    ),
    unless="The document is of OpenAPI 2.0.",
    profile=Profile.DESIGN,
    on=(Kind.PARAMETER,),
    documents=("3.0", "3.1"),
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      parameters: [{name: Authorization, in: header, required: true, schema: {type: string}}]
      responses: {'200': {description: Orders.}}
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
    sources=("https://spec.openapis.org/oas/v3.1.1.html#parameter-object",),
)
