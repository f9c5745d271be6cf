"""A property that has one type here and another there."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._schema_types import types
from knowledge.rules.api_rule import ApiRule, Profile

COMMON = frozenset(
    "id created created_at createdAt modified modified_at modifiedAt updated updated_at updatedAt deleted_at "
    "deletedAt".split()
)
LEAST = 2


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Identifiers and times whose type differs from that of most others of the same name."""
    seen: dict[str, dict[str, list[Node]]] = context.memo("name-common-fields", dict)
    if node.kind is not Kind.END:
        if node.role == "properties" and node.key in COMMON:
            kind = _kind(node)
            if kind:
                seen.setdefault(node.key, {}).setdefault(kind, []).append(node)
        return
    for name, kinds in seen.items():
        usual = max(kinds, key=lambda kind: len(kinds[kind]))
        for kind, places in kinds.items():
            if kind != usual and len(kinds[usual]) >= LEAST and len(kinds[usual]) > len(places):
                for place in places:
                    said = f"{name} is {kind} here and {usual} in {len(kinds[usual])} other schemas"
                    yield ApiHit(said, subject=name, at=place.pointer)


def _kind(node: Node) -> str:
    names = [name for name in types(node.value) if name != "null"]
    if len(names) != 1:
        return ""
    if node.key != "id" and names == ["string"] and node.value.get("format") in ("date", "date-time"):
        return f"string ({node.value['format']})"
    return names[0]


RULE = ApiRule(
    id="name-common-fields",
    claim="id, created_at, updated_at and their like have one type in all schemas.",
    family="api",
    severity=Severity.LOW,
    why=(
        "Clients share code between resources: one id that is a number among strings breaks maps, caches and "
        "comparisons."
    ),
    unless="There is no majority: as many schemas have one type as the other, or the type is composed.",
    profile=Profile.STYLE,
    on=(
        Kind.SCHEMA,
        Kind.END,
    ),
    keywords=("type",),
    check=check,
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths: {}
components:
  schemas:
    Order:
      type: object
      properties: {id: {type: string}}
    Customer:
      type: object
      properties: {id: {type: string}}
    Invoice:
      type: object
      properties: {id: {type: integer}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths: {}
components:
  schemas:
    Order:
      type: object
      properties: {id: {type: string}}
    Customer:
      type: object
      properties: {id: {type: string}}
    Invoice:
      type: object
      properties: {id: {type: string}}
""",
    sources=(
        "https://opensource.zalando.com/restful-api-guidelines/#174",
        "https://google.aip.dev/148",
    ),
)
