"""A tag that is declared twice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Edit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Every tag whose name an earlier one has; where both say the same, the second may go."""
    seen: dict[str, Any] = context.memo("tags-unique", dict)
    if not node.key:
        return
    first = seen.setdefault(node.key, node.value)
    if first is not node.value:
        edits = (Edit("remove", ()),) if first == node.value else ()
        yield ApiHit(f"the tag {node.key} is declared twice", subject=node.key, edits=edits)


RULE = ApiRule(
    id="tags-unique",
    family="api",
    check=check,
    claim="No two declared tags have the same name.",
    severity=Severity.MEDIUM,
    why=(
        "The specification demands it: readers show the group twice or one of the two descriptions, and strict "
        "parsers refuse the document."
    ),
    unless="Never.",
    profile=Profile.DEFAULT,
    on=(Kind.TAG,),
    fix_safety="safe",
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
tags:
  - {name: orders, description: What customers bought.}
  - {name: orders, description: Purchases.}
paths:
  /orders:
    get: {tags: [orders], responses: {'200': {description: Orders.}}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
tags:
  - {name: orders, description: What customers bought.}
paths:
  /orders:
    get: {tags: [orders], responses: {'200': {description: Orders.}}}
""",
    sources=("https://spec.openapis.org/oas/v3.1.1.html#openapi-object",),
)
