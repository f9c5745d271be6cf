"""A number of a request that may be of any size."""

from __future__ import annotations

from collections.abc import Iterable

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._inputs import limited_by
from knowledge.rules.api._schema_types import types
from knowledge.rules.api._schema_use import asked, by_use
from knowledge.rules.api_rule import ApiRule, Profile

NUMBERS = frozenset({"integer", "number"})


def check(node: Node, context: ApiContext) -> Iterable[ApiHit]:
    """Numbers in what is asked for that lack a lower or an upper limit."""
    if node.kind is not Kind.END and NUMBERS.isdisjoint(types(node.value)):
        return ()
    return by_use("schema-integer-bounded", node, context, _suspect, asked)


def _suspect(node: Node) -> ApiHit | None:
    value = node.value
    if limited_by(node, "enum", "const", "x-extensible-enum") or value.get("format") in (
        "int8",
        "int16",
        "int32",
        "int64",
    ):
        return None
    missing = [
        pair[0]
        for pair in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum"))
        if not limited_by(node, *pair)
    ]
    return (
        ApiHit(f"the request may hold any number here (no {' and no '.join(missing)})", (), node.key)
        if missing
        else None
    )


RULE = ApiRule(
    id="schema-integer-bounded",
    claim="A number that a request sends has a minimum and a maximum.",
    family="api",
    severity=Severity.LOW,
    why=(
        "A negative quantity, a limit of a billion rows or a number too long for the column passes the "
        "contract and fails, or works, further in."
    ),
    unless=(
        "The values are listed, the format is int32 or int64, which have limits of their own, the number is "
        "readOnly, or it is only answered."
    ),
    profile=Profile.DEFAULT,
    on=(
        Kind.SCHEMA,
        Kind.END,
    ),
    keywords=("type",),
    types=("integer", "number"),
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
                quantity: {type: integer, minimum: 1}
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
                quantity: {type: integer, minimum: 1, maximum: 100}
      responses:
        '204': {description: Taken.}
""",
    sources=(
        "https://owasp.org/API-Security/editions/2023/en/0xa4-unrestricted-resource-consumption/",
        "https://json-schema.org/draft/2020-12/json-schema-validation#section-6.2",
    ),
)
