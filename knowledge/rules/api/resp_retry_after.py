"""Too many requests, without saying when to come back."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._answers import answers
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Responses 429 without a Retry-After header; one that many operations share is reported once."""
    said: set[str] = context.memo("resp-retry-after", set)
    for answer in answers(node, context):
        if answer.status == "429" and "retry-after" not in answer.headers and answer.reference not in said:
            said.update({answer.reference} - {""})
            yield answer.hit("the response 429 declares no Retry-After header")


RULE = ApiRule(
    id="resp-retry-after",
    claim="A 429 declares the Retry-After header.",
    family="api",
    severity=Severity.LOW,
    why=("Without it clients guess, usually at once and all together, which keeps the service overloaded."),
    unless="The response declares the header, in any case of letters.",
    profile=Profile.HARDENING,
    on=(Kind.OPERATION,),
    check=check,
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      responses:
        '200': {description: The orders.}
        '429': {description: Too many requests.}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      responses:
        '200': {description: The orders.}
        '429':
          description: Too many requests.
          headers:
            Retry-After: {schema: {type: integer}}
""",
    sources=(
        "https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3",
        "https://www.rfc-editor.org/rfc/rfc6585#section-4",
    ),
)
