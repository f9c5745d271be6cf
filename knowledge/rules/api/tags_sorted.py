"""Declared tags that are not in the order of the alphabet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Edit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, _context: ApiContext) -> Iterator[ApiHit]:
    """The first tag that stands after one it should stand before; the fix sorts them."""
    tags = node.value.get("tags")
    if not isinstance(tags, list):
        return
    found = [str(item.get("name", "")) if isinstance(item, Mapping) else "" for item in tags]
    for index, (before, here) in enumerate(pairwise(found), 1):
        if here.casefold() < before.casefold():
            by_name = [item for _, item in sorted(zip(found, tags, strict=True), key=lambda pair: pair[0].casefold())]
            edits = (Edit("replace", ("tags",), by_name),)
            yield ApiHit(f"the tag {here} stands after {before}", ("tags", index), edits=edits)
            return


RULE = ApiRule(
    id="tags-sorted",
    family="api",
    check=check,
    claim="Declared tags stand in the order of the alphabet.",
    severity=Severity.LOW,
    why="Where documentation shows many groups, people find one by its first letter.",
    unless="Another order tells more: from what everybody needs to what few do.",
    profile=Profile.STYLE,
    on=(Kind.DOCUMENT,),
    fix_safety="safe",
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
tags:
  - {name: orders, description: What customers bought.}
  - {name: customers, description: Who bought it.}
paths:
  /orders:
    get: {tags: [orders], responses: {'200': {description: Orders.}}}
  /customers:
    get: {tags: [customers], responses: {'200': {description: Customers.}}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
tags:
  - {name: customers, description: Who bought it.}
  - {name: orders, description: What customers bought.}
paths:
  /orders:
    get: {tags: [orders], responses: {'200': {description: Orders.}}}
  /customers:
    get: {tags: [customers], responses: {'200': {description: Customers.}}}
""",
    sources=("https://redocly.com/docs/cli/rules/oas/tags-alphabetical",),
)
