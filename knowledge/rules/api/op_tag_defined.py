"""A tag of an operation that the document does not declare."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._operations import where
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Every tag that is not among the document's."""
    tags = node.value.get("tags")
    if not isinstance(tags, list):
        return
    declared = context.memo("declared tags", lambda: _declared(context))
    for index, name in enumerate(tags):
        if isinstance(name, str) and name not in declared:
            yield ApiHit(
                f"{where(node)} has the tag {name}, which the document does not declare", ("tags", index), name
            )


def _declared(context: ApiContext) -> frozenset[str]:
    found = context.root.get("tags")
    items = found if isinstance(found, list) else []
    return frozenset(str(item.get("name")) for item in items if isinstance(item, Mapping))


RULE = ApiRule(
    id="op-tag-defined",
    family="api",
    check=check,
    claim="Every tag of an operation is declared in the document's tags.",
    severity=Severity.LOW,
    why=(
        "A misspelt tag makes a group of its own in documentation and a class of its own in clients; a declared "
        "one has a description and a place in the order."
    ),
    unless="Never.",
    profile=Profile.DEFAULT,
    on=(Kind.OPERATION,),
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
tags: [{name: orders, description: What customers bought.}]
paths:
  /orders:
    get: {tags: [order], responses: {'200': {description: Orders.}}}
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
