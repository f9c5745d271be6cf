"""An operation with several tags."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._operations import own
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, _context: ApiContext) -> Iterator[ApiHit]:
    """Every operation that has more than one tag."""
    tags = node.value.get("tags")
    if own(node) and isinstance(tags, list) and len(tags) > 1:
        listed_tags = ", ".join(map(str, tags))
        yield ApiHit(f"{node.method} {node.path} has {len(tags)} tags: {listed_tags}", ("tags",))


RULE = ApiRule(
    id="op-single-tag",
    family="api",
    check=check,
    claim="An operation has one tag.",
    severity=Severity.LOW,
    why=(
        "Most generators make a class for each tag, and repeat the operation in all of its: clients hold the same "
        "method several times, and documentation shows it several times."
    ),
    unless="Tags serve as labels, and the generators in use take the first alone.",
    profile=Profile.DEFAULT,
    on=(Kind.OPERATION,),
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
tags:
  - {name: orders, description: What customers bought.}
  - {name: shop, description: Everything in the shop.}
paths:
  /orders:
    get: {tags: [orders, shop], responses: {'200': {description: Orders.}}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
tags: [{name: orders, description: What customers bought.}]
paths:
  /orders:
    get: {tags: [orders], responses: {'200': {description: Orders.}}}
""",
    sources=("https://github.com/stoplightio/spectral/blob/develop/docs/reference/openapi-rules.md",),
)
