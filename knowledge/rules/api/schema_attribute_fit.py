"""A constraint that its type does not have."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Edit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._schema_types import types
from knowledge.rules.api_rule import ApiRule, Profile

OF = {
    **dict.fromkeys(("minLength", "maxLength", "pattern"), ("string", "file")),
    **dict.fromkeys(
        ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"), ("number", "integer")
    ),
    **dict.fromkeys(("items", "prefixItems", "minItems", "maxItems", "uniqueItems", "contains"), ("array",)),
    **dict.fromkeys(
        ("properties", "required", "additionalProperties", "patternProperties", "minProperties", "maxProperties"),
        ("object",),
    ),
}


def check(node: Node, _context: ApiContext) -> Iterator[ApiHit]:
    """Keywords that have no effect on any of the schema's types."""
    value = node.value
    names = value.get("type")
    held = (names,) if isinstance(names, str) else types(value)
    if not held:
        return
    for key in value:
        wanted = OF.get(key)
        if wanted is not None and wanted[0] not in held and wanted[-1] not in held:
            message = f"{key} has no effect on the type {' or '.join(held)}"
            yield ApiHit(message, (key,), node.key, (Edit("remove", (key,)),))


RULE = ApiRule(
    id="schema-attribute-fit",
    claim="The keywords of a schema have an effect on its type.",
    family="api",
    severity=Severity.MEDIUM,
    why=(
        "Validators ignore a constraint of another type without a word: the author believes in a limit that "
        "nobody checks."
    ),
    unless="The schema names no type, or several of which one has the keyword.",
    profile=Profile.DESIGN,
    on=(Kind.SCHEMA,),
    keywords=(
        "minLength",
        "maxLength",
        "pattern",
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
        "items",
        "prefixItems",
        "minItems",
        "maxItems",
        "uniqueItems",
        "contains",
        "properties",
        "required",
        "additionalProperties",
        "patternProperties",
        "minProperties",
        "maxProperties",
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
        quantity: {type: integer, maxLength: 3}
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
        quantity: {type: integer, maximum: 999}
""",
    sources=(
        "https://json-schema.org/draft/2020-12/json-schema-core#section-7.6.1",
        "https://json-schema.org/draft/2020-12/json-schema-validation#section-6",
    ),
)
