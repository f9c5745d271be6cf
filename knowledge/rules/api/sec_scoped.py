"""A requirement of OAuth that asks for no scope."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._schemes import schemes, scopes
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Every requirement of an OAuth scheme with scopes that names none of them."""
    for name, wanted in node.value.items():
        if wanted == [] and scopes(schemes(context).get(name)):
            yield ApiHit(f"{name} is required without a scope: any token will do", (name,), name)


RULE = ApiRule(
    id="sec-scoped",
    family="api",
    check=check,
    claim="A requirement of an OAuth scheme that has scopes names at least one.",
    severity=Severity.LOW,
    why=(
        "A token that was given for reading one thing opens everything that asks for no scope; and clients do not "
        "know what to ask for."
    ),
    unless="Every caller who has signed in may do it.",
    profile=Profile.HARDENING,
    on=(Kind.REQUIREMENT,),
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
security: [{oauth: []}]
paths:
  /orders:
    get: {responses: {'200': {description: Orders.}}}
components:
  securitySchemes:
    oauth:
      type: oauth2
      flows:
        clientCredentials: {tokenUrl: https://login.shop.test/token, scopes: {orders.read: Read orders.}}
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
        clientCredentials: {tokenUrl: https://login.shop.test/token, scopes: {orders.read: Read orders.}}
""",
    sources=(
        "https://opensource.zalando.com/restful-api-guidelines/#105",
        "https://www.rfc-editor.org/rfc/rfc9700#section-2.3",
    ),
)
