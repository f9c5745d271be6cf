"""Arrays whose items are arrays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._schema_types import types
from knowledge.rules.api_rule import ApiRule, Profile

NUMBERS = ("number", "integer")


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Arrays of arrays, unless numbers are in the innermost: matrices and coordinates."""
    inner = context.resolve(node.value.get("items"))
    if not isinstance(inner, Mapping) or "array" not in types(inner) or node.role == "items":
        return
    innermost: Any = inner
    for _ in range(MOST):
        if not isinstance(innermost, Mapping) or "array" not in types(innermost):
            break
        innermost = context.resolve(innermost.get("items"))
    held = types(innermost) if isinstance(innermost, Mapping) else ()
    if not any(name in held for name in NUMBERS) and "prefixItems" not in inner:
        yield ApiHit("the items of the array are arrays: what each position means is not said", ("items",), node.key)


MOST = 8


RULE = ApiRule(
    id="schema-no-array-of-arrays",
    claim="The items of an array are no arrays.",
    family="api",
    severity=Severity.LOW,
    why=(
        "The positions of an inner array have no names, and nothing can be added to a row later; an array of "
        "objects has both."
    ),
    unless=(
        "The innermost values are numbers (matrices, coordinates), or the inner array is a tuple with prefixItems."
    ),
    profile=Profile.DESIGN,
    on=(Kind.SCHEMA,),
    keywords=("items",),
    check=check,
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths: {}
components:
  schemas:
    Report:
      type: object
      properties:
        rows:
          type: array
          items: {type: array, items: {type: string}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths: {}
components:
  schemas:
    Report:
      type: object
      properties:
        rows:
          type: array
          items:
            type: object
            properties:
              cells: {type: array, items: {type: string}}
""",
    sources=("https://github.com/IBM/openapi-validator/blob/main/docs/ibm-cloud-rules.md",),
)
