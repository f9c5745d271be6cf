"""Lists whose name is that of one thing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._name_parts import singular
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, _context: ApiContext) -> Iterator[ApiHit]:
    """Array properties whose last word is plainly singular."""
    properties = node.value["properties"]
    for name, held in properties.items() if isinstance(properties, Mapping) else ():
        if isinstance(held, Mapping) and held.get("type") == "array" and _counted(held) and singular(name):
            yield ApiHit(f"{name} is a list: its name is that of one thing", ("properties", name), name)


def _counted(schema: Mapping[str, Any]) -> bool:
    """Whether the items are things rather than the numbers of a vector."""
    items = schema.get("items")
    return isinstance(items, Mapping) and items.get("type") not in ("number", "integer") and "prefixItems" not in schema


RULE = ApiRule(
    id="name-array-plural",
    claim="The name of an array property is a plural.",
    family="api",
    severity=Severity.LOW,
    why=(
        "order.line reads like one line: developers forget the index and the loop, and untyped clients find "
        "out in production."
    ),
    unless=(
        "The word has no plural (data, metadata, history), names a collection (list, set, queue), or the "
        "items are numbers of a vector."
    ),
    profile=Profile.STYLE,
    on=(Kind.SCHEMA,),
    keywords=("properties",),
    check=check,
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths: {}
components:
  schemas:
    Order:
      type: object
      properties:
        line: {type: array, items: {type: string}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths: {}
components:
  schemas:
    Order:
      type: object
      properties:
        lines: {type: array, items: {type: string}}
""",
    sources=(
        "https://opensource.zalando.com/restful-api-guidelines/#120",
        "https://google.aip.dev/140",
    ),
)
