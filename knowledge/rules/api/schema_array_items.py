"""An array that does not say what it holds."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Edit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._schema_types import BRANCHES, types
from knowledge.rules.api_rule import ApiRule, Profile

SAYING = ("items", "prefixItems", "contains", "unevaluatedItems", "$ref", "allOf", "anyOf", "oneOf", "enum", "const")


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Arrays without items, except where composition may add them."""
    value = node.value
    if "array" not in types(value) or any(name in value for name in SAYING) or node.role in BRANCHES:
        return
    if value.get("maxItems") != 0 or context.version != "3.1":
        edits = () if context.version == "3.1" else (Edit("add", ("items",), {}),)
        message = "the array does not say what it holds"
        yield ApiHit(message + ("" if edits == () else ": OpenAPI demands items"), (), node.key, edits)


RULE = ApiRule(
    id="schema-array-items",
    claim="An array says what it holds: it has items, or prefixItems in 3.1.",
    family="api",
    severity=Severity.MEDIUM,
    why=("OpenAPI 2.0 and 3.0 demand items, and tools refuse the document; in 3.1 clients get a list of anything."),
    unless="The schema is composed and another part has the items, or its values are listed.",
    profile=Profile.DEFAULT,
    on=(Kind.SCHEMA,),
    keywords=("type",),
    fix_safety="safe",
    types=("array",),
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
        lines: {type: array}
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
        "https://spec.openapis.org/oas/v3.0.4.html#properties",
        "https://json-schema.org/draft/2020-12/json-schema-core#section-10.3.1",
    ),
)
