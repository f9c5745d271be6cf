"""Passwords with every request."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, _context: ApiContext) -> Iterator[ApiHit]:
    """Every scheme that is HTTP Basic."""
    if node.value.get("type") == "http" and str(node.value.get("scheme")).lower() == "basic":
        yield ApiHit(f"{node.key} is HTTP Basic: the password travels with every request")


RULE = ApiRule(
    id="sec-no-basic",
    family="api",
    check=check,
    claim="No security scheme is HTTP Basic.",
    severity=Severity.MEDIUM,
    why=(
        "The password itself goes with every request, readable to every proxy and log on the way, cannot be "
        "limited or taken back alone, and is stored by browsers and scripts."
    ),
    unless="It is a client's id and secret at a token endpoint (RFC 6749 section 2.3.1).",
    profile=Profile.HARDENING,
    on=(Kind.SECURITY_SCHEME,),
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
security: [{basic: []}]
paths:
  /orders:
    get: {responses: {'200': {description: Orders.}}}
components:
  securitySchemes: {basic: {type: http, scheme: basic}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
security: [{bearer: []}]
paths:
  /orders:
    get: {responses: {'200': {description: Orders.}}}
components:
  securitySchemes: {bearer: {type: http, scheme: bearer}}
""",
    sources=(
        "https://www.rfc-editor.org/rfc/rfc7617#section-4",
        "https://owasp.org/API-Security/editions/2023/en/0xa2-broken-authentication/",
    ),
)
