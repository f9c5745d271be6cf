"""An operation that does not say what too many requests give."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._answers import called, declares
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, _context: ApiContext) -> Iterator[ApiHit]:
    """Operations that do not declare 429."""
    if not called(node) and not declares(node, "429"):
        yield ApiHit(f"{node.method.upper()} {node.path} declares no 429 for too many requests", ("responses",))


RULE = ApiRule(
    id="resp-429",
    claim="Every operation declares 429 for too many requests.",
    family="api",
    severity=Severity.LOW,
    why=(
        "An API without a limit can be exhausted by one caller; a limit that is not declared surprises every "
        "client in production."
    ),
    unless="The range 4XX or a default response is declared, or the API itself is the caller.",
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
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      responses:
        '200': {description: The orders.}
        '429': {description: Too many requests.}
""",
    sources=(
        "https://owasp.org/API-Security/editions/2023/en/0xa4-unrestricted-resource-consumption/",
        "https://www.rfc-editor.org/rfc/rfc6585#section-4",
    ),
)
