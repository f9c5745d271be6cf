"""A document that declares no tags."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, _context: ApiContext) -> Iterator[ApiHit]:
    """A document with paths and without tags."""
    if node.value.get("paths") and not node.value.get("tags"):
        yield ApiHit("the document declares no tags: nothing says which groups of operations there are")


RULE = ApiRule(
    id="tags-present",
    family="api",
    check=check,
    claim="A document with paths declares tags.",
    severity=Severity.LOW,
    why="They are the table of contents: without them documentation is one list, in the order of the text.",
    unless="The API has so few operations that one list is clear.",
    profile=Profile.DOCUMENTATION,
    on=(Kind.DOCUMENT,),
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
    sources=("https://spec.openapis.org/oas/v3.1.1.html#tag-object",),
)
