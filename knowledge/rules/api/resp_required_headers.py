"""A status whose header HTTP demands, without it."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._answers import answers, called, succeeds
from knowledge.rules.api_rule import ApiRule, Profile

DEMANDED = {
    "401": "WWW-Authenticate",
    "405": "Allow",
    "407": "Proxy-Authenticate",
    "426": "Upgrade",
    "301": "Location",
    "302": "Location",
    "303": "Location",
    "307": "Location",
    "308": "Location",
}
"""Statuses that are of no use, or not allowed, without a header (RFC 9110 sections 11.6.1, 15.4 and 15.5)."""


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Responses without the header of their status, or without those that the policy demands of every success."""
    if called(node):
        return
    house = [name.strip() for name in context.policy.extra.get("required_headers", "").split(",") if name.strip()]
    said: set[tuple[str, str]] = context.memo("resp-required-headers", set)
    for answer in answers(node, context):
        wanted = [DEMANDED[answer.status]] if answer.status in DEMANDED else []
        for name in [*wanted, *(house if succeeds(answer.status) else ())]:
            if name.lower() not in answer.headers and (answer.reference, name) not in said:
                if answer.reference:
                    said.add((answer.reference, name))
                yield answer.hit(f"the response {answer.status} declares no {name} header", name)


RULE = ApiRule(
    id="resp-required-headers",
    claim="A response declares the headers that its status demands: WWW-Authenticate, Allow, Location.",
    family="api",
    severity=Severity.LOW,
    why=(
        "A 401 without its challenge, a 405 without the allowed methods or a redirect without its target "
        "leave the client nothing to do next."
    ),
    unless=(
        "The header is declared. The policy's required_headers (names with commas) are demanded of every "
        "success as well."
    ),
    profile=Profile.DESIGN,
    on=(Kind.OPERATION,),
    policy="extra",
    check=check,
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      responses:
        '200': {description: The orders.}
        '303': {description: They are elsewhere.}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      responses:
        '200': {description: The orders.}
        '303':
          description: They are elsewhere.
          headers:
            Location: {schema: {type: string, format: uri-reference}}
""",
    sources=(
        "https://www.rfc-editor.org/rfc/rfc9110#section-11.6.1",
        "https://www.rfc-editor.org/rfc/rfc9110#section-10.2.1",
        "https://www.rfc-editor.org/rfc/rfc9110#section-15.4",
    ),
)
