"""Headers of one's own that are called experimental."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Headers whose names begin with X- and that are not in general use."""
    allowed = [item.strip() for item in context.policy.extra.get("allowed_headers", "").lower().split(",")]
    for steps, name in _named(node):
        low = name.lower()
        if not low.startswith("x-") or low in USUAL or low.startswith(FAMILIES) or low in allowed:
            continue
        yield ApiHit(
            f"the header {name} is proprietary: its X- says nothing, and its meaning is known here alone", steps, name
        )


def _named(node: Node) -> Iterator[tuple[tuple[str, ...], str]]:
    """Headers by name: a component's key is not the name of the header."""
    if node.kind is Kind.PARAMETER:
        name = node.value.get("name")
        if node.value.get("in") == "header" and isinstance(name, str):
            yield ("name",), name
        return
    headers = node.value.get("headers")
    for name in headers if isinstance(headers, Mapping) else ():
        yield ("headers", name), name


USUAL = frozenset(
    "x-request-id x-correlation-id x-trace-id x-flow-id x-content-type-options x-frame-options x-xss-protection "
    "x-robots-tag x-dns-prefetch-control x-real-ip x-requested-with x-http-method-override x-csrf-token x-api-key "
    "x-total-count x-cache".split()
)
FAMILIES = ("x-forwarded-", "x-ratelimit-", "x-rate-limit", "x-b3-", "x-amz-", "x-goog-", "x-ms-")


RULE = ApiRule(
    id="hdr-proprietary",
    claim="Headers of one's own do not begin with X-, and standard ones are preferred.",
    family="api",
    severity=Severity.LOW,
    why=(
        "RFC 6648 ended the prefix: headers that became standard kept two names for good, and proxies drop "
        "what they do not know."
    ),
    unless=(
        "The header is in general use (X-Request-Id, X-Forwarded-For, X-RateLimit-...) or among the policy's "
        "allowed_headers."
    ),
    profile=Profile.STYLE,
    on=(
        Kind.PARAMETER,
        Kind.RESPONSE,
    ),
    policy="extra",
    check=check,
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      parameters:
        - {name: X-Shop-Region, in: header, schema: {type: string}}
      responses:
        '200': {description: The orders.}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      parameters:
        - {name: Accept-Language, in: header, schema: {type: string}}
        - {name: X-Request-Id, in: header, schema: {type: string}}
      responses:
        '200': {description: The orders.}
""",
    sources=(
        "https://www.rfc-editor.org/rfc/rfc6648#section-3",
        "https://opensource.zalando.com/restful-api-guidelines/#183",
    ),
)
