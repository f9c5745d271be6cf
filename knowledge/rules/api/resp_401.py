"""A protected operation that does not say what a caller without credentials gets."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._answers import called, declares, secured
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Operations that need credentials and do not declare 401."""
    if not called(node) and secured(node, context) and not declares(node, "401"):
        said = f"{node.method.upper()} {node.path} needs credentials and declares no 401"
        yield ApiHit(said, ("responses",))


RULE = ApiRule(
    id="resp-401",
    claim="An operation that needs credentials declares 401.",
    family="api",
    severity=Severity.LOW,
    why=(
        "Clients renew a token when they see a 401; where it is not declared, nobody knows whether that, 403 "
        "or a redirect comes."
    ),
    unless="The range 4XX or a default response is declared, or the security requirement is optional.",
    profile=Profile.HARDENING,
    on=(Kind.OPERATION,),
    check=check,
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      security: [{token: []}]
      responses:
        '200': {description: The orders.}
components:
  securitySchemes:
    token: {type: http, scheme: bearer}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      security: [{token: []}]
      responses:
        '200': {description: The orders.}
        '401': {description: Sign in first.}
components:
  securitySchemes:
    token: {type: http, scheme: bearer}
""",
    sources=(
        "https://owasp.org/API-Security/editions/2023/en/0xa2-broken-authentication/",
        "https://www.rfc-editor.org/rfc/rfc9110#section-15.5.2",
    ),
)
