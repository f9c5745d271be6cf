"""Objects that refuse what they are composed of, or take whatever is sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._schema_parts import gather
from knowledge.rules.api._schema_use import asked, by_use
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, context: ApiContext) -> Iterable[ApiHit]:
    """Closed parts of allOf whose siblings add properties, additionalProperties that are no schema, open requests."""
    if node.kind is not Kind.END:
        value = node.value
        found = value.get("additionalProperties")
        if found is not None and not isinstance(found, bool | Mapping):
            yield ApiHit("additionalProperties is a schema, true or false", ("additionalProperties",), node.key)
        if isinstance(value.get("allOf"), list):
            yield from _refused(node, context)
    yield from by_use("schema-closed-objects", node, context, _suspect, asked)


def _suspect(node: Node) -> ApiHit | None:
    found = node.value.get("additionalProperties")
    is_open = found is True or (isinstance(found, Mapping) and not found)
    if not is_open or not node.value.get("properties"):
        return None
    return ApiHit("the request takes any property beside those listed", ("additionalProperties",), node.key)


def _refused(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Every part holds for the whole object: one that is closed refuses what the others define."""
    parts: list[tuple[tuple[str | int, ...], Any]] = [((), {**node.value, "allOf": []})]
    parts += [(("allOf", index), context.resolve(part)) for index, part in enumerate(node.value["allOf"])]
    for steps, part in parts:
        if (
            not isinstance(part, Mapping)
            or part.get("additionalProperties") is not False
            or "patternProperties" in part
        ):
            continue
        own = part.get("properties")
        own = own if isinstance(own, Mapping) else {}
        others = {name for place, other in parts if place != steps for name in gather(other, context).properties}
        refused = sorted(others - own.keys())
        if refused:
            which = f"part {steps[1] + 1} of allOf" if len(steps) == 2 and isinstance(steps[1], int) else "the schema"
            message = f"{which} is closed and refuses {', '.join(refused[:3])}, which other parts define"
            yield ApiHit(message, steps, refused[0])


RULE = ApiRule(
    id="schema-closed-objects",
    claim=(
        "A closed part of allOf leaves the other parts' properties in, and requests do not take any property whatever."
    ),
    family="api",
    severity=Severity.MEDIUM,
    why=(
        "additionalProperties: false sees only its own schema, so the composed object can never be valid; a "
        "request that takes anything invites mass assignment."
    ),
    unless=(
        "The object is a map without listed properties, additional properties have a schema, or the object is "
        "only answered."
    ),
    profile=Profile.DEFAULT,
    on=(
        Kind.SCHEMA,
        Kind.END,
    ),
    keywords=("additionalProperties", "allOf"),
    check=check,
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths: {}
components:
  schemas:
    Order:
      allOf:
        - type: object
          additionalProperties: false
          properties: {note: {type: string}}
        - type: object
          properties: {total: {type: integer}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths: {}
components:
  schemas:
    Order:
      allOf:
        - type: object
          properties: {note: {type: string}}
        - type: object
          properties: {total: {type: integer}}
      unevaluatedProperties: false
""",
    sources=(
        "https://json-schema.org/draft/2020-12/json-schema-core#section-11.3",
        "https://owasp.org/API-Security/editions/2023/en/0xa3-broken-object-property-level-authorization/",
    ),
)
