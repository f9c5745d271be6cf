"""A query string or a fragment in the key of a path."""

from __future__ import annotations

import re
from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, _context: ApiContext) -> Iterator[ApiHit]:
    """Every path with a question mark or a hash sign outside of its variables."""
    bare = re.sub(r"\{[^{}]*\}", "", node.key)
    if "?" in bare:
        yield ApiHit(f"{node.key} holds a query string: declare query parameters")
    elif "#" in bare:
        yield ApiHit(f"{node.key} holds a fragment, which is never sent to a server")


RULE = ApiRule(
    id="path-no-query",
    family="api",
    check=check,
    claim="A path holds no query string and no fragment.",
    severity=Severity.MEDIUM,
    why=(
        "What follows ? is not part of a path: servers match the rest alone, gateways drop or escape it, and "
        "generated clients append a second question mark for the declared query parameters."
    ),
    unless="Never: operations that differ by a query parameter are one operation to OpenAPI.",
    profile=Profile.DEFAULT,
    on=(Kind.PATH,),
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders?status=open:
    get: {responses: {'200': {description: Open orders.}}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      parameters:
        - {name: status, in: query, schema: {type: string, enum: [open, closed]}}
      responses: {'200': {description: Orders.}}
""",
    sources=(
        "https://spec.openapis.org/oas/v3.1.1.html#path-templating",
        "https://www.rfc-editor.org/rfc/rfc3986#section-3",
    ),
)
