"""An integer that does not say how long it gets."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._inputs import limited_by
from knowledge.rules.api._schema_types import types
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, _context: ApiContext) -> Iterator[ApiHit]:
    """Integers without a format, unless they lie within limits or are listed."""
    value = node.value
    if value["type"] != "integer" and "integer" not in types(value):
        return
    if "format" in value or limited_by(node, "enum", "const"):
        return
    if not ({"minimum", "exclusiveMinimum"} & value.keys() and {"maximum", "exclusiveMaximum"} & value.keys()):
        yield ApiHit("the integer has neither a format (int32, int64) nor both limits", (), node.key)


RULE = ApiRule(
    id="schema-integer-format",
    claim="An integer has the format int32 or int64, or both limits.",
    family="api",
    severity=Severity.LOW,
    why=("Generators take 32 bits where nothing is said, and the client overflows on the first large number."),
    unless="minimum and maximum are given, or the values are listed.",
    profile=Profile.HARDENING,
    on=(Kind.SCHEMA,),
    keywords=("type",),
    types=("integer", "number"),
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
        number: {type: integer}
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
        number: {type: integer, format: int64}
""",
    sources=(
        "https://spec.openapis.org/oas/v3.1.1.html#data-type-format",
        "https://owasp.org/API-Security/editions/2023/en/0xa4-unrestricted-resource-consumption/",
    ),
)
