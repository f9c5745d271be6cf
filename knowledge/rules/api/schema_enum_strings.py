"""Choices that are told by numbers."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, _context: ApiContext) -> Iterator[ApiHit]:
    """Enums of two or more numbers."""
    listed = node.value.get("enum")
    found = [item for item in listed if item is not None] if isinstance(listed, list) else []
    if len(found) > 1 and all(isinstance(item, int | float) and not isinstance(item, bool) for item in found):
        yield ApiHit("the choices are numbers: what each means is not said", ("enum",), node.key)


RULE = ApiRule(
    id="schema-enum-strings",
    claim="The values of an enum are strings.",
    family="api",
    severity=Severity.LOW,
    why=("3 means nothing in a log or in a client's code, and generators write constants such as NUMBER_3."),
    unless="There is one value only, or the values are true and false.",
    profile=Profile.STYLE,
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
        status: {type: integer, enum: [1, 2, 3]}
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
        status: {type: string, enum: [open, paid, shipped]}
""",
    sources=("https://opensource.zalando.com/restful-api-guidelines/#240",),
)
