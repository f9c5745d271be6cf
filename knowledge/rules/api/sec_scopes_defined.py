"""A scope that the scheme does not have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._schemes import schemes, scopes
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Scopes of OAuth that no flow declares; before 3.1 scopes of schemes that cannot have any."""
    for name, wanted in node.value.items():
        scheme = schemes(context).get(name)
        if not isinstance(scheme, Mapping) or not isinstance(wanted, list) or not wanted:
            continue
        kind = scheme.get("type")
        if kind == "oauth2":
            declared = scopes(scheme)
            for index, scope in enumerate(wanted):
                if str(scope) not in declared:
                    yield ApiHit(f"{name} has no scope {scope}", (name, index), str(scope))
        elif kind in ("http", "apiKey", "basic") and context.version != "3.1":
            yield ApiHit(f"{name} is of type {kind}, which has no scopes", (name,), name)


RULE = ApiRule(
    id="sec-scopes-defined",
    family="api",
    check=check,
    claim="Every scope that is required is declared by a flow of its scheme.",
    severity=Severity.MEDIUM,
    why=(
        "Clients ask for tokens with the scopes they read here: the authorization server refuses an unknown one "
        "(invalid_scope), and nobody gets in."
    ),
    unless="The scheme is openIdConnect, which lists its scopes elsewhere; or a role of OpenAPI 3.1.",
    profile=Profile.HARDENING,
    on=(Kind.REQUIREMENT,),
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      security: [{oauth: [order.read]}]
      responses: {'200': {description: Orders.}}
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
paths:
  /orders:
    get:
      security: [{oauth: [orders.read]}]
      responses: {'200': {description: Orders.}}
components:
  securitySchemes:
    oauth:
      type: oauth2
      flows:
        clientCredentials: {tokenUrl: https://login.shop.test/token, scopes: {orders.read: Read orders.}}
""",
    sources=(
        "https://spec.openapis.org/oas/v3.1.1.html#security-requirement-object",
        "https://www.rfc-editor.org/rfc/rfc6749#section-3.3",
    ),
)
