"""A body that no example shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._answers import (
    is_json,
)
from knowledge.rules.api_rule import ApiRule, Profile

MOST_DEPTH = 3


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Every JSON body of a request or a success without an example, its schema's included."""
    if not is_json(node.key) or not node.path or node.status[:1] not in ("", "2") or not _is_first(node):
        return
    schema = node.value.get("schema")
    if "example" in node.value or "examples" in node.value or not isinstance(schema, Mapping):
        return
    if not _shown(schema, context, 0):
        what = f"the answer {node.status} of" if node.status else "the body of"
        yield ApiHit(f"{what} {node.method} {node.path} has no example")


def _is_first(node: Node) -> bool:
    """Whether no JSON stands before it in the same content: one of several is enough."""
    content = node.parent.value.get("content") if node.parent is not None else None
    names = content if isinstance(content, Mapping) else ()
    return next((name for name in names if is_json(name)), node.key) == node.key


def _shown(schema: Any, context: ApiContext, depth: int) -> bool:
    """Whether a value can be told from a schema: it or some member has an example, a default, an enum or a const."""
    reference = schema.get("$ref") if isinstance(schema, Mapping) else None
    if isinstance(reference, str) and depth:
        return context.memo(("shown", reference, depth), lambda: _shows(context.resolve(schema), context, depth))
    return _shows(context.resolve(schema), context, depth)


def _shows(schema: Any, context: ApiContext, depth: int) -> bool:
    if not isinstance(schema, Mapping):
        return False
    if any(key in schema for key in ("example", "examples", "default", "enum", "const")):
        return True
    if depth >= MOST_DEPTH:
        return False
    parts: list[Any] = []
    for key in ("properties", "allOf", "anyOf", "oneOf", "items"):
        held = schema.get(key)
        if isinstance(held, list):
            parts += held
        elif isinstance(held, Mapping):
            parts += held.values() if key == "properties" else [held]
    return (not parts and "properties" in schema) or any(_shown(part, context, depth + 1) for part in parts)


RULE = ApiRule(
    id="ex-present",
    family="api",
    check=check,
    claim="JSON bodies of requests and of successes have an example, or their schemas show values.",
    severity=Severity.LOW,
    why="One look at an example tells what three schemas in a row do not: which members come, and how they look.",
    unless="The schema, or a member of it, has an example, a default, an enum or a const.",
    profile=Profile.DEFAULT,
    on=(Kind.MEDIA_TYPE,),
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      responses:
        '200':
          description: Orders.
          content: {application/json: {schema: {type: object, properties: {count: {type: integer}}}}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      responses:
        '200':
          description: Orders.
          content:
            application/json:
              schema: {type: object, properties: {count: {type: integer}}}
              example: {count: 3}
""",
    sources=("https://spec.openapis.org/oas/v3.1.1.html#media-type-object",),
)
