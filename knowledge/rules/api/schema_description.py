"""Schemas and properties that nothing explains."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, _context: ApiContext) -> Iterable[ApiHit]:
    """Named schemas without a description, and objects with properties that have none."""
    is_top = node.role == "schema" and node.component.startswith("schemas/")
    return _bare(node.value, is_top=is_top) if is_top or "properties" in node.value else ()


def _bare(value: Mapping[str, Any], *, is_top: bool) -> Iterator[ApiHit]:
    lacks = is_top and not (value.get("description") or value.get("title")) and "$ref" not in value
    properties = value.get("properties")
    found = properties if isinstance(properties, Mapping) else {}
    bare = [name for name, held in found.items() if isinstance(held, Mapping) and not _described(held)]
    if lacks and bare:
        yield ApiHit(f"neither the schema nor {_count(bare, found)} has a description")
    elif lacks:
        yield ApiHit("the schema has no description")
    elif bare:
        yield ApiHit(
            f"{_count(bare, found)} {'has' if len(bare) == 1 else 'have'} no description", ("properties", bare[0])
        )


def _described(schema: Mapping[str, Any]) -> bool:
    """Whether a property is explained: by itself, or by what it refers to."""
    return bool(schema.get("description") or schema.get("title")) or any(name in schema for name in ELSEWHERE)


def _count(bare: list[str], found: Mapping[str, Any]) -> str:
    return bare[0] if len(bare) == 1 else f"{len(bare)} of {len(found)} properties, {bare[0]} first,"


ELSEWHERE = ("$ref", "allOf", "anyOf", "oneOf", "const")


RULE = ApiRule(
    id="schema-description",
    claim="Named schemas and their properties have a description.",
    family="api",
    severity=Severity.LOW,
    why=(
        "A name says what a value is called, not its unit, its time zone, or what its absence means: client "
        "developers guess."
    ),
    unless="A title stands in its place, or the property refers to a schema that explains itself.",
    profile=Profile.DEFAULT,
    on=(Kind.SCHEMA,),
    check=check,
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths: {}
components:
  schemas:
    Order:
      type: object
      description: What a customer has bought.
      properties:
        total: {type: integer}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths: {}
components:
  schemas:
    Order:
      type: object
      description: What a customer has bought.
      properties:
        total: {type: integer, description: In cents.}
""",
    sources=(
        "https://spec.openapis.org/oas/v3.1.1.html#schema-object",
        "https://github.com/microsoft/api-guidelines/blob/vNext/azure/Guidelines.md",
    ),
)
