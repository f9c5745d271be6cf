"""readOnly and writeOnly on data that travels one way only."""

from __future__ import annotations

from collections.abc import Iterable

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Edit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._schema_use import by_use, only_answered
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, context: ApiContext) -> Iterable[ApiHit]:
    """readOnly in what is only answered, writeOnly in what is only answered."""
    return by_use("resp-readonly-misuse", node, context, _suspect, only_answered)


def _suspect(node: Node) -> ApiHit | None:
    if node.role != "properties":
        return None
    if node.value.get("writeOnly") is True:
        return ApiHit(f"{node.key} is writeOnly, but its schema is only answered", ("writeOnly",), node.key)
    if node.value.get("readOnly") is True:
        edits = (Edit("remove", ("readOnly",)),)
        return ApiHit(f"{node.key} is readOnly in a schema that is only answered", ("readOnly",), node.key, edits)
    return None


RULE = ApiRule(
    id="resp-readonly-misuse",
    claim="readOnly and writeOnly stand only in schemas that requests use as well.",
    family="api",
    severity=Severity.LOW,
    why=(
        "readOnly says that a request must not send the property: where nothing is sent it says nothing, and "
        "readers look for the request."
    ),
    unless="The schema, or one that contains it, is taken in a request.",
    profile=Profile.DESIGN,
    on=(
        Kind.SCHEMA,
        Kind.END,
    ),
    keywords=("readOnly", "writeOnly"),
    fix_safety="safe",
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
                  id: {type: string, readOnly: true}
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
                  id: {type: string}
""",
    sources=(
        "https://spec.openapis.org/oas/v3.0.4.html#fixed-fields-20",
        "https://github.com/microsoft/api-guidelines/blob/vNext/azure/Guidelines.md",
    ),
)
