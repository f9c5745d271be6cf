"""A body with a method for which it means nothing."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._operations import own
from knowledge.rules.api_rule import ApiRule, Profile

WITHOUT = frozenset({"get", "head", "delete", "trace"})


def check(node: Node, _context: ApiContext) -> Iterator[ApiHit]:
    """Every GET, HEAD, DELETE or TRACE that takes a request body."""
    if own(node) and node.method in WITHOUT and "requestBody" in node.value:
        where = ("requestBody",) if node.value is node.raw else ()
        yield ApiHit(f"{node.method} {node.path} takes a body, which means nothing to HTTP there", where)


RULE = ApiRule(
    id="op-no-body-on-read",
    family="api",
    check=check,
    claim="GET, HEAD, DELETE and TRACE take no request body.",
    severity=Severity.MEDIUM,
    why=(
        "RFC 9110 gives it no meaning: proxies drop it, caches ignore it, servers may refuse it, and fetch in "
        "browsers throws for GET and HEAD."
    ),
    unless="It is OpenAPI 3.2's query, which is made for it.",
    profile=Profile.DEFAULT,
    on=(Kind.OPERATION,),
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      requestBody: {content: {application/json: {schema: {type: object}}}}
      responses: {'200': {description: Orders.}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      parameters: [{name: status, in: query, schema: {type: string}}]
      responses: {'200': {description: Orders.}}
""",
    sources=(
        "https://www.rfc-editor.org/rfc/rfc9110#section-9.3.1",
        "https://www.rfc-editor.org/rfc/rfc9110#section-9.3.5",
    ),
)
