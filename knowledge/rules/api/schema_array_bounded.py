"""An array of a request that may have any number of items."""

from __future__ import annotations

from collections.abc import Iterable

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._inputs import limited_by
from knowledge.rules.api._schema_types import types
from knowledge.rules.api._schema_use import asked, by_use
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, context: ApiContext) -> Iterable[ApiHit]:
    """Arrays in what is asked for without maxItems."""
    if node.kind is not Kind.END and "array" not in types(node.value):
        return ()
    return by_use("schema-array-bounded", node, context, _suspect, asked)


def _suspect(node: Node) -> ApiHit | None:
    if limited_by(node, "maxItems", "enum", "const") or node.value.get("items") is False:
        return None
    return ApiHit("the request may hold any number of items (no maxItems)", (), node.key)


RULE = ApiRule(
    id="schema-array-bounded",
    claim="An array that a request sends has maxItems.",
    family="api",
    severity=Severity.LOW,
    why=("One request with a million items costs as much as a million requests, and no rate limit sees it."),
    unless="The array is a tuple without further items, readOnly, or only answered.",
    profile=Profile.DEFAULT,
    on=(
        Kind.SCHEMA,
        Kind.END,
    ),
    keywords=("type",),
    types=("array",),
    check=check,
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    post:
      requestBody:
        content:
          application/json:
            schema:
              type: object
              properties:
                tags: {type: array, items: {type: string, enum: [gift, rush]}}
      responses:
        '204': {description: Taken.}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    post:
      requestBody:
        content:
          application/json:
            schema:
              type: object
              properties:
                tags: {type: array, maxItems: 2, items: {type: string, enum: [gift, rush]}}
      responses:
        '204': {description: Taken.}
""",
    sources=(
        "https://owasp.org/API-Security/editions/2023/en/0xa4-unrestricted-resource-consumption/",
        "https://json-schema.org/draft/2020-12/json-schema-validation#section-6.4.1",
    ),
)
