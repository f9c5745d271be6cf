"""A declared tag that nothing describes."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, _context: ApiContext) -> Iterator[ApiHit]:
    """Every tag without a description; the summary of 3.2 counts as one."""
    if not any(isinstance(node.value.get(key), str) and node.value[key].strip() for key in ("description", "summary")):
        yield ApiHit(f"the tag {node.key} has no description", subject=node.key)


RULE = ApiRule(
    id="tags-description",
    family="api",
    check=check,
    claim="Every declared tag has a description.",
    severity=Severity.LOW,
    why="It opens the group in documentation, and is the only place to say what its operations have in common.",
    unless="Never.",
    profile=Profile.DEFAULT,
    on=(Kind.TAG,),
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
tags: [{name: orders}]
paths:
  /orders:
    get: {tags: [orders], responses: {'200': {description: Orders.}}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
tags: [{name: orders, description: What customers bought.}]
paths:
  /orders:
    get: {tags: [orders], responses: {'200': {description: Orders.}}}
""",
    sources=("https://spec.openapis.org/oas/v3.1.1.html#tag-object",),
)
