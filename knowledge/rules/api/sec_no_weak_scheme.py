"""A way to authenticate that is known to be weak."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._schemes import flows
from knowledge.rules.api_rule import ApiRule, Profile

WEAK = {
    "negotiate": "binds to the connection, not to the request",
    "ntlm": "is broken",
    "oauth": "is OAuth 1, which was replaced in 2012",
}
FLOWS = {
    "implicit": "hands the token out in a URL (RFC 9700 section 2.1.2)",
    "password": "hands the password to the client (RFC 9700 section 2.4)",
}


def check(node: Node, _context: ApiContext) -> Iterator[ApiHit]:
    """HTTP schemes that are weak, and the two flows of OAuth that its best current practice gives up."""
    kind, scheme = node.value.get("type"), str(node.value.get("scheme")).lower()
    if kind == "http" and scheme in WEAK:
        yield ApiHit(f"{node.key}: {scheme} {WEAK[scheme]}", ("scheme",))
    for name in flows(node.value) if kind == "oauth2" else ():
        if name in FLOWS:
            where = ("flows", name) if node.value is node.raw else ("flow",)
            yield ApiHit(f"{node.key}: the flow {name} {FLOWS[name]}", where, name)


RULE = ApiRule(
    id="sec-no-weak-scheme",
    family="api",
    check=check,
    claim="No security scheme is Negotiate, NTLM or OAuth 1, no OAuth flow is implicit or password.",
    severity=Severity.MEDIUM,
    why=(
        "They leak what they protect: tokens in URLs and histories, passwords in foreign programs. RFC 9700 says "
        "that the password grant must not be used and the implicit one should not."
    ),
    unless="It is kept for clients that cannot be changed, beside another one.",
    profile=Profile.HARDENING,
    on=(Kind.SECURITY_SCHEME,),
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
security: [{oauth: [orders.read]}]
paths:
  /orders:
    get: {responses: {'200': {description: Orders.}}}
components:
  securitySchemes:
    oauth:
      type: oauth2
      flows:
        implicit: {authorizationUrl: https://login.shop.test/authorize, scopes: {orders.read: Read orders.}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
security: [{oauth: [orders.read]}]
paths:
  /orders:
    get: {responses: {'200': {description: Orders.}}}
components:
  securitySchemes:
    oauth:
      type: oauth2
      flows:
        authorizationCode:
          authorizationUrl: https://login.shop.test/authorize
          tokenUrl: https://login.shop.test/token
          scopes: {orders.read: Read orders.}
""",
    sources=(
        "https://www.rfc-editor.org/rfc/rfc9700#section-2.1.2",
        "https://www.rfc-editor.org/rfc/rfc9700#section-2.4",
        "https://www.iana.org/assignments/http-authschemes/http-authschemes.xhtml",
    ),
)
