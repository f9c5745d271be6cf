"""A path parameter whose values nothing bounds."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._operations import parameter_name, said, schema_of, type_names
from knowledge.rules.api_rule import ApiRule, Profile

BOUNDS = frozenset({"maxLength", "pattern", "enum", "format", "const", "maximum", "exclusiveMaximum", "anyOf", "oneOf"})


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Every path parameter without a type, or of a type without a bound."""
    name = parameter_name(node)
    if node.value.get("in") != "path":
        return
    schema = said(schema_of(node.value, context), context)
    kinds = type_names(schema)
    if not kinds and not schema.keys() & BOUNDS:
        yield ApiHit(f"the path parameter {name} has no type", subject=name)
    elif kinds <= {"string", "integer", "number"} and not schema.keys() & BOUNDS:
        kind = ", ".join(sorted(kinds))
        yield ApiHit(f"the path parameter {name} is any {kind}: nothing bounds it", subject=name)


RULE = ApiRule(
    id="path-param-schema",
    family="api",
    check=check,
    claim="A path parameter has a type, and a format, pattern, enum or upper bound.",
    severity=Severity.LOW,
    why=(
        "What is not bounded reaches the handler: a number beyond the column's range or a megabyte of text ends "
        "as 500 in the database instead of 404 or 422 at the edge."
    ),
    unless="The values are names that others choose freely.",
    profile=Profile.HARDENING,
    on=(Kind.PARAMETER,),
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get: {responses: {'200': {description: The order.}}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string, format: uuid}}]
    get: {responses: {'200': {description: The order.}}}
""",
    sources=(
        "https://github.com/IBM/openapi-validator/blob/main/docs/ibm-cloud-rules.md",
        "https://owasp.org/API-Security/editions/2023/en/0xa4-unrestricted-resource-consumption/",
    ),
)
