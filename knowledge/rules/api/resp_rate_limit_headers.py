"""A limit whose state no header tells."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._answers import answers, succeeds
from knowledge.rules.api_rule import ApiRule, Profile

KNOWN = ("ratelimit", "rate-limit")


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Operations that declare 429 while neither it nor a success has a header about the limit."""
    found = list(answers(node, context))
    if not any(answer.status == "429" for answer in found):
        return
    told = [answer for answer in found if answer.status == "429" or succeeds(answer.status)]
    if not any(part in name for answer in told for name in answer.headers for part in KNOWN):
        said = f"{node.method.upper()} {node.path} can answer 429, but no header tells how much of the limit is left"
        yield ApiHit(said, ("responses", "429"))


RULE = ApiRule(
    id="resp-rate-limit-headers",
    claim="An operation that can answer 429 declares headers that tell the state of the limit.",
    family="api",
    severity=Severity.LOW,
    why=(
        "Clients that see how much is left slow down in time; those that do not run into the limit and lose requests."
    ),
    unless=(
        "No 429 is declared, or RateLimit, RateLimit-Policy or one of their X- forerunners is declared for it "
        "or for a success."
    ),
    profile=Profile.DEFAULT,
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
        '200':
          description: The orders.
          headers:
            RateLimit: {schema: {type: string}}
        '429': {description: Too many requests.}
""",
    sources=(
        "https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/",
        "https://opensource.zalando.com/restful-api-guidelines/#153",
        "https://owasp.org/API-Security/editions/2023/en/0xa4-unrestricted-resource-consumption/",
    ),
)
