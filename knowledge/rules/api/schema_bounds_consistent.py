"""Limits that nothing can satisfy, or that are written for another version."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf
from typing import TypeGuard

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Edit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api_rule import ApiRule, Profile

PAIRS = (
    ("minimum", "maximum"),
    ("minLength", "maxLength"),
    ("minItems", "maxItems"),
    ("minProperties", "maxProperties"),
    ("minContains", "maxContains"),
    ("exclusiveMinimum", "exclusiveMaximum"),
)
SIZES = tuple(name for pair in PAIRS[1:5] for name in pair)
EXCLUSIVE = (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum"))


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Minima above maxima, sizes below zero, multiples of nothing, exclusive limits of the other notation."""
    value = node.value
    for low, high in PAIRS:
        if _number(value.get(low)) and _number(value.get(high)) and value[low] > value[high]:
            yield ApiHit(f"{low} {value[low]} is above {high} {value[high]}: nothing fits", (low,), node.key)
    for name in SIZES:
        if name in value and (not _number(value[name]) or value[name] < 0 or value[name] != int(value[name])):
            yield ApiHit(f"{name} is a whole number, not {value[name]}", (name,), node.key)
    if "multipleOf" in value and (not _number(value["multipleOf"]) or value["multipleOf"] <= 0):
        yield ApiHit(f"multipleOf is a number above 0, not {value['multipleOf']}", ("multipleOf",), node.key)
    for name, limit in EXCLUSIVE:
        if name in value:
            yield from _exclusive(node, name, limit, context)


def _exclusive(node: Node, name: str, limit: str, context: ApiContext) -> Iterator[ApiHit]:
    found, beside = node.value[name], node.value.get(limit)
    if context.version == "3.1" and isinstance(found, bool):
        edits: tuple[Edit, ...] = (Edit("remove", (name,)),)
        if found and _number(beside):
            edits = (Edit("replace", (name,), beside), Edit("remove", (limit,)))
        yield ApiHit(f"{name} is a number in OpenAPI 3.1, not {str(found).lower()}", (name,), node.key, edits)
    elif context.version != "3.1" and not isinstance(found, bool):
        edits = (
            (Edit("add", (limit,), found), Edit("replace", (name,), True)) if beside is None and _number(found) else ()
        )
        yield ApiHit(f"{name} is true or false in OpenAPI {context.version}, not {found}", (name,), node.key, edits)
    elif found is True and not _number(beside):
        yield ApiHit(f"{name} has an effect only with {limit}", (name,), node.key)
    elif found is True and node.value.get("minimum") == node.value.get("maximum"):
        yield ApiHit(f"{name} leaves nothing between minimum and maximum", (name,), node.key)
    elif _number(found):
        other = node.value.get("maximum" if limit == "minimum" else "minimum")
        if _number(other) and (found >= other if limit == "minimum" else found <= other):
            yield ApiHit(f"{name} {found} leaves nothing beside {other}", (name,), node.key)


def _number(found: object) -> TypeGuard[int | float]:
    return isinstance(found, int | float) and not isinstance(found, bool) and abs(found) < inf


RULE = ApiRule(
    id="schema-bounds-consistent",
    claim="Limits leave room for at least one value, and are written as the document's version demands.",
    family="api",
    severity=Severity.MEDIUM,
    why=(
        "A schema that nothing fits refuses every request; validators of 3.1 reject true for "
        "exclusiveMinimum, those of 3.0 a number."
    ),
    unless="The limits are equal, which leaves one value.",
    profile=Profile.DEFAULT,
    on=(Kind.SCHEMA,),
    keywords=(
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "minLength",
        "maxLength",
        "minItems",
        "maxItems",
        "minProperties",
        "maxProperties",
        "minContains",
        "maxContains",
        "multipleOf",
    ),
    fix_safety="safe",
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
        quantity: {type: integer, minimum: 100, maximum: 10}
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
        quantity: {type: integer, minimum: 1, maximum: 100}
""",
    sources=(
        "https://json-schema.org/draft/2020-12/json-schema-validation#section-6.2",
        "https://spec.openapis.org/oas/v3.0.4.html#properties",
    ),
)
