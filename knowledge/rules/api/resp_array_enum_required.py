"""Lists and choices of a response that may be missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._schema_parts import top, within
from knowledge.rules.api._schema_use import by_use, only_answered
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, context: ApiContext) -> Iterable[ApiHit]:
    """Optional arrays and enums of schemas that are only answered."""
    return by_use("resp-array-enum-required", node, context, _suspect, only_answered)


def _suspect(node: Node) -> ApiHit | None:
    properties = node.value.get("properties")
    if not isinstance(properties, Mapping) or within(node, "not"):
        return None
    held = [name for name, value in properties.items() if _is_list_or_choice(value)]
    if not held:
        return None
    required: set[str] = set()
    for part in _parts(top(node).value):
        names = part.get("required")
        required.update(name for name in names if isinstance(name, str)) if isinstance(names, list) else None
    optional = [name for name in held if name not in required]
    if not optional:
        return None
    many = f"{len(optional)} arrays and enums, {optional[0]} among them, are" if optional[1:] else f"{optional[0]} is"
    return ApiHit(f"{many} answered, but not required", ("properties", optional[0]), optional[0])


def _is_list_or_choice(value: Any) -> bool:
    return isinstance(value, dict) and (value.get("type") == "array" or "enum" in value)


def _parts(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield schema
    parts = schema.get("allOf")
    for part in parts if isinstance(parts, list) else ():
        if isinstance(part, Mapping):
            yield from _parts(part)


RULE = ApiRule(
    id="resp-array-enum-required",
    claim="Arrays and enums of a response are required.",
    family="api",
    severity=Severity.LOW,
    why=(
        "An optional list has two ways to be empty and an optional choice a value that is not listed: every "
        "client must tell them apart."
    ),
    unless=("The schema is taken in requests as well, or the name is required in another part of the same allOf."),
    profile=Profile.DESIGN,
    on=(
        Kind.SCHEMA,
        Kind.END,
    ),
    keywords=("properties",),
    check=check,
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      responses:
        '200':
          description: The order.
          content:
            application/json:
              schema:
                type: object
                properties:
                  items: {type: array, items: {type: string}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      responses:
        '200':
          description: The order.
          content:
            application/json:
              schema:
                type: object
                required: [items]
                properties:
                  items: {type: array, items: {type: string}}
""",
    sources=("https://github.com/IBM/openapi-validator/blob/main/docs/ibm-cloud-rules.md",),
)
