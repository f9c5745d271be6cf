"""A schema that constrains a type it does not name."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Edit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._schema_types import BRANCHES
from knowledge.rules.api_rule import ApiRule, Profile

IMPLIED = {
    **dict.fromkeys(("properties", "additionalProperties", "minProperties", "maxProperties"), "object"),
    **dict.fromkeys(("items", "minItems", "maxItems", "uniqueItems"), "array"),
    **dict.fromkeys(("pattern", "minLength", "maxLength"), "string"),
    **dict.fromkeys(("minimum", "maximum", "multipleOf"), "number"),
}
GIVEN = ("type", "$ref", "allOf", "anyOf", "oneOf", "enum", "const", "not", "if")


def check(node: Node, _context: ApiContext) -> Iterator[ApiHit]:
    """Schemas with keywords for one type, and no type; parts of a composition may leave it to the others."""
    value = node.value
    if "type" in value or node.role in BRANCHES or any(name in value for name in GIVEN):
        return
    implied = {IMPLIED[name] for name in value if name in IMPLIED}
    if len(implied) == 1:
        name = implied.pop()
        keyword = next(key for key in value if key in IMPLIED)
        sure = name in ("object", "array") and "nullable" not in value
        edits = (Edit("add", ("type",), name),) if sure else ()
        yield ApiHit(
            f"{keyword} holds only for type {name}, which is not said: anything else passes", (), node.key, edits
        )


RULE = ApiRule(
    id="schema-type-present",
    claim="A schema with keywords for one type names that type.",
    family="api",
    severity=Severity.MEDIUM,
    why=(
        "properties, pattern or minimum say nothing about values of other types: a validator lets a number "
        "pass for the object that was meant."
    ),
    unless=(
        "The schema is a part of a composition whose other parts give the type, or it has none of these "
        "keywords and admits any value."
    ),
    profile=Profile.DEFAULT,
    on=(Kind.SCHEMA,),
    keywords=(
        "properties",
        "additionalProperties",
        "minProperties",
        "maxProperties",
        "items",
        "minItems",
        "maxItems",
        "uniqueItems",
        "pattern",
        "minLength",
        "maxLength",
        "minimum",
        "maximum",
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
      properties:
        note: {type: string}
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
        note: {type: string}
""",
    sources=(
        "https://json-schema.org/draft/2020-12/json-schema-validation#section-6.1.1",
        "https://json-schema.org/draft/2020-12/json-schema-core#section-10.3.2.1",
    ),
)
