"""An OAuth flow whose tokens cannot be renewed."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._schemes import flows
from knowledge.rules.api_rule import ApiRule, Profile

RENEWABLE = ("authorizationCode", "password", "deviceAuthorization")


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Every flow in which a person signs in, without a URL to refresh the token at."""
    for name, flow in flows(node.value).items():
        if name in RENEWABLE and not flow.get("refreshUrl"):
            where = ("flows", name) if node.value is node.raw else ()
            yield ApiHit(f"the flow {name} of {node.key} has no refreshUrl", where, name)


RULE = ApiRule(
    id="sec-short-lived",
    family="api",
    check=check,
    claim="An OAuth flow in which a person signs in has a refreshUrl.",
    severity=Severity.LOW,
    why=(
        "Without renewal either people sign in every few minutes or tokens live for days, and one that leaks is "
        "good for as long."
    ),
    unless="Tokens are refreshed at the token URL: repeat it there, so that clients know that they may.",
    profile=Profile.HARDENING,
    on=(Kind.SECURITY_SCHEME,),
    documents=("3.0", "3.1"),
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
        authorizationCode:
          authorizationUrl: https://login.shop.test/authorize
          tokenUrl: https://login.shop.test/token
          scopes: {orders.read: Read orders.}
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
          refreshUrl: https://login.shop.test/token
          scopes: {orders.read: Read orders.}
""",
    sources=(
        "https://www.rfc-editor.org/rfc/rfc6749#section-1.5",
        "https://www.rfc-editor.org/rfc/rfc9700#section-2.2.2",
    ),
)
