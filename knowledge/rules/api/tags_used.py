"""A declared tag that no operation has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Edit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api_rule import ApiRule, Profile

SECTIONS = ("x-traitTag", "x-trait-tag")


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Every declared tag that no operation has and no other tag has for its parent; only then is it known."""
    used: set[str] = context.memo("used tags", set)
    if node.kind is Kind.OPERATION:
        tags = node.value.get("tags")
        used.update(str(name) for name in (tags if isinstance(tags, list) else ()))
        return
    found = node.value.get("tags")
    tags = [item for item in (found if isinstance(found, list) else []) if isinstance(item, Mapping)]
    used.update(str(item.get("parent")) for item in tags)
    for index, item in enumerate(found if isinstance(found, list) else ()):
        if not isinstance(item, Mapping) or any(item.get(key) for key in SECTIONS):
            continue
        name = item.get("name")
        if isinstance(name, str) and name not in used:
            edits = (Edit("remove", ("tags", index)),) if set(item) == {"name"} else ()
            yield ApiHit(f"no operation has the tag {name}", ("tags", index), name, edits)


RULE = ApiRule(
    id="tags-used",
    family="api",
    check=check,
    claim="Every declared tag is that of an operation, or the parent of another tag.",
    severity=Severity.LOW,
    why="Documentation shows an empty group; more often than not the operations have it spelt otherwise.",
    unless="It is a page of documentation (x-traitTag), not a group.",
    profile=Profile.DOCUMENTATION,
    on=(Kind.OPERATION, Kind.END),
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
    sources=("https://github.com/IBM/openapi-validator/blob/main/docs/ibm-cloud-rules.md",),
)
