"""A closed list of values in what is answered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._schema_parts import within
from knowledge.rules.api._schema_use import answered, by_use
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, context: ApiContext) -> Iterable[ApiHit]:
    """Enums of two or more strings in schemas that are answered, and that do not say they may grow."""
    return by_use("schema-enum-extensible", node, context, _suspect, answered)


def _suspect(node: Node) -> ApiHit | None:
    listed = node.value.get("enum")
    strings = [item for item in listed if isinstance(item, str)] if isinstance(listed, list) else []
    if len(strings) < 2 or node.value.get("x-extensible-enum") or within(node, "not"):
        return None
    if node.role in ("anyOf", "oneOf") and node.parent is not None and _open(node.parent.value[node.role]):
        return None
    return ApiHit("the list of values is closed: a new one breaks clients that are strict", ("enum",), node.key)


def _open(branches: object) -> bool:
    """Whether any string is admitted as well."""
    return isinstance(branches, list) and any(
        isinstance(branch, Mapping)
        and branch.get("type") == "string"
        and "enum" not in branch
        and "const" not in branch
        for branch in branches
    )


RULE = ApiRule(
    id="schema-enum-extensible",
    claim="A list of values in a response says that it may grow.",
    family="api",
    severity=Severity.LOW,
    why=("Strict clients fail on a value they were not generated with: adding a status then breaks what worked."),
    unless=(
        "x-extensible-enum lists the values, any string is admitted beside the enum (anyOf), or there is one "
        "value only."
    ),
    profile=Profile.DESIGN,
    on=(
        Kind.SCHEMA,
        Kind.END,
    ),
    keywords=("enum",),
    check=check,
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      responses:
        '200':
          description: The order.
          content:
            application/json:
              schema:
                type: object
                properties:
                  status: {type: string, enum: [open, paid]}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      responses:
        '200':
          description: The order.
          content:
            application/json:
              schema:
                type: object
                properties:
                  status:
                    anyOf:
                      - {type: string, enum: [open, paid]}
                      - {type: string}
""",
    sources=("https://opensource.zalando.com/restful-api-guidelines/#112",),
)
