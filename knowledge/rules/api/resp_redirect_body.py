"""A redirect with a body for programs."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._answers import answers, called, json_schema, title
from knowledge.rules.api_rule import ApiRule, Profile

REDIRECTS = ("301", "302", "303", "307", "308")


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Redirects that describe a JSON body."""
    for answer in answers(node, context):
        if answer.status in REDIRECTS and not called(node) and json_schema(answer.content) is not None:
            message = f"{title(node)} describes a JSON body for {answer.status}, which clients follow without reading"
            yield ApiHit(message, ("responses", answer.status))


RULE = ApiRule(
    id="resp-redirect-body",
    claim="A redirect has no JSON body.",
    family="api",
    severity=Severity.LOW,
    why="HTTP libraries follow a redirect and drop its body: what is described there reaches no client.",
    unless="The body is text for people, or the status is 300, whose body lists the choices.",
    profile=Profile.DESIGN,
    on=(Kind.OPERATION,),
    check=check,
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders/latest:
    get:
      responses:
        '303':
          description: See the order itself.
          content: {application/json: {schema: {type: object}}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders/latest:
    get:
      responses:
        '303':
          description: See the order itself.
          headers:
            Location: {schema: {type: string, format: uri-reference}}
""",
    sources=(
        "https://www.rfc-editor.org/rfc/rfc9110#section-15.4",
        "https://github.com/IBM/openapi-validator/blob/main/docs/ibm-cloud-rules.md",
    ),
)
