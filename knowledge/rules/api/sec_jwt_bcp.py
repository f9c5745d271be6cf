"""A JWT scheme that does not say how tokens are validated."""

from __future__ import annotations

import re
from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api_rule import ApiRule, Profile

NAMED = re.compile(r"rfc[\s-]*8725", re.IGNORECASE)


def check(node: Node, _context: ApiContext) -> Iterator[ApiHit]:
    """Every bearer scheme for JWTs whose description does not name RFC 8725."""
    form = node.value.get("bearerFormat")
    takes_jwts = node.value.get("type") == "http" and isinstance(form, str) and "jwt" in form.lower()
    if takes_jwts and not NAMED.search(str(node.value.get("description"))):
        yield ApiHit(f"{node.key} takes JWTs, and does not say that they are validated as RFC 8725 asks")


RULE = ApiRule(
    id="sec-jwt-bcp",
    family="api",
    check=check,
    claim="A scheme whose tokens are JWTs names RFC 8725 in its description.",
    severity=Severity.LOW,
    why=(
        "Algorithms taken from the token, an audience that nobody checks: what RFC 8725 lists is what goes wrong, "
        "and whoever writes a client or a second server reads only this."
    ),
    unless="Tokens are opaque to clients, and one library validates them everywhere.",
    profile=Profile.HARDENING,
    on=(Kind.SECURITY_SCHEME,),
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
security: [{bearer: []}]
paths:
  /orders:
    get: {responses: {'200': {description: Orders.}}}
components:
  securitySchemes: {bearer: {type: http, scheme: bearer, bearerFormat: JWT}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
security: [{bearer: []}]
paths:
  /orders:
    get: {responses: {'200': {description: Orders.}}}
components:
  securitySchemes:
    bearer:
      type: http
      scheme: bearer
      bearerFormat: JWT
      description: Signed with ES256, for the audience shop; validated as RFC 8725 asks.
""",
    sources=("https://www.rfc-editor.org/rfc/rfc8725",),
)
