"""A nullable schema whose list of values leaves null out."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._schema_types import nullable, types
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, _context: ApiContext) -> Iterator[ApiHit]:
    """Enums without null where null is said to be admitted beside a type."""
    value = node.value
    listed = value.get("enum")
    if isinstance(listed, list) and listed and None not in listed and types(value) and nullable(value):
        yield ApiHit("null is admitted by the type and refused by the enum", ("enum",), node.key)


RULE = ApiRule(
    id="schema-enum-nullable",
    claim="The enum of a nullable schema lists null.",
    family="api",
    severity=Severity.MEDIUM,
    why=(
        "Enum and type both hold: null is refused, although the contract seems to admit it, and generators "
        "and validators disagree."
    ),
    unless="null is listed, or the schema is not nullable.",
    profile=Profile.DESIGN,
    on=(Kind.SCHEMA,),
    keywords=("enum",),
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
        status: {type: [string, 'null'], enum: [open, paid]}
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
        status: {type: [string, 'null'], enum: [open, paid, null]}
""",
    sources=(
        "https://github.com/OAI/OpenAPI-Specification/blob/main/proposals/2019-10-31-Clarify-Nullable.md",
        "https://json-schema.org/draft/2020-12/json-schema-validation#section-6.1.2",
    ),
)
