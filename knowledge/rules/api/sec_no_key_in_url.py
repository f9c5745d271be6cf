"""An API key that is part of the URL."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, _context: ApiContext) -> Iterator[ApiHit]:
    """Every API key in the query or the path."""
    if node.value.get("type") == "apiKey" and node.value.get("in") in ("query", "path"):
        yield ApiHit(f"the key {node.key} is sent in the URL", ("in",) if node.value is node.raw else ())


RULE = ApiRule(
    id="sec-no-key-in-url",
    family="api",
    check=check,
    claim="No API key is sent in the URL.",
    severity=Severity.MEDIUM,
    why=(
        "URLs are written to access logs, histories, error reports and Referer headers: whoever reads one has the key."
    ),
    unless="The key only counts calls and opens nothing.",
    profile=Profile.HARDENING,
    on=(Kind.SECURITY_SCHEME,),
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
security: [{key: []}]
paths:
  /orders:
    get: {responses: {'200': {description: Orders.}}}
components:
  securitySchemes: {key: {type: apiKey, in: query, name: key}}
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
    sources=(
        "https://www.rfc-editor.org/rfc/rfc6750#section-5.3",
        "https://owasp.org/API-Security/editions/2023/en/0xa2-broken-authentication/",
    ),
)
