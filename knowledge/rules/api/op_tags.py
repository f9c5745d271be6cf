"""An operation without a tag."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._operations import own
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, _context: ApiContext) -> Iterator[ApiHit]:
    """Every operation that has no tag."""
    if own(node) and not node.value.get("tags"):
        yield ApiHit(f"{node.method} {node.path} has no tag")


RULE = ApiRule(
    id="op-tags",
    family="api",
    check=check,
    claim="Every operation has a tag.",
    severity=Severity.LOW,
    why=(
        "Documentation and generated clients are grouped by tags: what has none ends in a class called Default, "
        "and moves when it gets one."
    ),
    unless="It is an operation of a callback or a webhook.",
    profile=Profile.DEFAULT,
    on=(Kind.OPERATION,),
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get: {responses: {'200': {description: Orders.}}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
tags: [{name: orders, description: What customers bought.}]
paths:
  /orders:
    get: {tags: [orders], responses: {'200': {description: Orders.}}}
""",
    sources=("https://spec.openapis.org/oas/v3.1.1.html#operation-object",),
)
