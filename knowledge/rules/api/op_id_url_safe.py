"""An operationId with characters that no URL may hold."""

from __future__ import annotations

import re
from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api_rule import ApiRule, Profile

UNSAFE = re.compile(r"[^A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=]")


def check(node: Node, _context: ApiContext) -> Iterator[ApiHit]:
    """Every operation id with a space, a quote, a letter beyond ASCII and the like."""
    name = node.value.get("operationId")
    found = UNSAFE.search(name) if isinstance(name, str) else None
    if found:
        yield ApiHit(f"the operationId {name!r} holds {found.group()!r}", ("operationId",))


RULE = ApiRule(
    id="op-id-url-safe",
    family="api",
    check=check,
    claim="An operationId holds only characters that a URL may hold.",
    severity=Severity.LOW,
    why=(
        "Documentation links to operations by their ids, and links between operations are found by them: a space "
        "or an umlaut breaks the link, and generators replace it each in its own way."
    ),
    unless="Never.",
    profile=Profile.DEFAULT,
    on=(Kind.OPERATION,),
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get: {operationId: list orders, responses: {'200': {description: Orders.}}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get: {operationId: list_orders, responses: {'200': {description: Orders.}}}
""",
    sources=(
        "https://spec.openapis.org/oas/v3.1.1.html#operation-object",
        "https://www.rfc-editor.org/rfc/rfc3986#section-2",
    ),
)
