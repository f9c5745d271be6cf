"""A security scheme that lacks what its type needs."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._schemes import flows
from knowledge.rules.api_rule import ApiRule, Profile

NEEDED = {"apiKey": ("name", "in"), "http": ("scheme",), "openIdConnect": ("openIdConnectUrl",)}
URLS = {
    "implicit": ("authorizationUrl",),
    "password": ("tokenUrl",),
    "clientCredentials": ("tokenUrl",),
    "authorizationCode": ("authorizationUrl", "tokenUrl"),
    "deviceAuthorization": ("deviceAuthorizationUrl", "tokenUrl"),
}


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Unknown types, missing members, keys in impossible places, flows without URLs or scopes."""
    value, kind = node.value, str(node.value.get("type"))
    types = {"apiKey", "http", "oauth2", "openIdConnect"} | ({"mutualTLS"} if context.version == "3.1" else set())
    if context.version == "2.0":
        types = {"apiKey", "http", "oauth2"}
    if kind not in types:
        yield ApiHit(f"{node.key} is of the type {kind}, which OpenAPI {context.version} does not have", ("type",))
        return
    for name in NEEDED.get(kind, ()):
        if not value.get(name):
            yield ApiHit(f"{node.key} is of type {kind} and has no {name}", subject=name)
    places = ("query", "header") if context.version == "2.0" else ("query", "header", "cookie")
    if kind == "apiKey" and value.get("in") and str(value["in"]) not in places:
        yield ApiHit(f"the key {node.key} cannot be in {value['in']}", ("in",))
    if kind == "oauth2":
        yield from _flows(node)


def _flows(node: Node) -> Iterator[ApiHit]:
    found = flows(node.value)
    if not found:
        yield ApiHit(f"{node.key} has no flow")
    for name, flow in found.items():
        if name not in URLS:
            if not name.startswith("x-"):
                yield ApiHit(f"{node.key} has a flow {name}, which OpenAPI does not know", _at(node, name))
            continue
        missing = [key for key in (*URLS[name], "scopes") if key not in flow]
        if missing:
            yield ApiHit(f"the flow {name} of {node.key} has no {', '.join(missing)}", _at(node, name))


def _at(node: Node, name: str) -> tuple[str, ...]:
    return ("flows", name) if node.value is node.raw else ()


RULE = ApiRule(
    id="sec-scheme-valid",
    family="api",
    check=check,
    claim="A security scheme has a known type and everything that its type needs.",
    severity=Severity.HIGH,
    why=(
        "Clients cannot obtain or send the credentials: there is no header to put the key in, no URL to get the "
        "token from. The specification calls the document invalid."
    ),
    unless="Never.",
    profile=Profile.DEFAULT,
    on=(Kind.SECURITY_SCHEME,),
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
security: [{key: []}]
paths:
  /orders:
    get: {responses: {'200': {description: Orders.}}}
components:
  securitySchemes: {key: {type: apiKey, in: header}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
security: [{key: []}]
paths:
  /orders:
    get: {responses: {'200': {description: Orders.}}}
components:
  securitySchemes: {key: {type: apiKey, in: header, name: X-Key}}
""",
    sources=("https://spec.openapis.org/oas/v3.1.1.html#security-scheme-object",),
)
