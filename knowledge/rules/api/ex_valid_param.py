"""An example of a parameter that its schema does not admit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._example_check import WRITTEN, as_written, checker
from knowledge.rules.api._examples import examples
from knowledge.rules.api._operations import said, type_names
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Every example of a parameter or header that fits neither as a value nor as it is written in a URL."""
    schema = node.value.get("schema")
    if not isinstance(schema, Mapping) or not ("example" in node.value or "examples" in node.value):
        return
    kinds = type_names(said(schema, context))
    direction = "request" if node.kind is Kind.PARAMETER else "response"
    for example in examples(node.value, context):
        value = as_written(example.value, kinds)
        if value is WRITTEN:
            continue
        text, _ = checker(context, direction).misfit(value, schema)
        if text:
            kind = "parameter" if node.kind is Kind.PARAMETER else "header"
            yield example.hit(f"the example of the {kind} {node.key} does not fit its schema: {text}")


RULE = ApiRule(
    id="ex-valid-param",
    family="api",
    check=check,
    claim="Examples of parameters and headers fit their schemas.",
    severity=Severity.LOW,
    why="They are sent as they stand: by Try it out, by generated tests, by people who copy them.",
    unless="The example is written as it stands in the URL: 1,2,3 for an array.",
    profile=Profile.DOCUMENTATION,
    on=(Kind.PARAMETER, Kind.HEADER),
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      parameters:
        - {name: status, in: query, schema: {type: string, enum: [open, closed]}, example: opened}
      responses: {'200': {description: Orders.}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      parameters:
        - {name: status, in: query, schema: {type: string, enum: [open, closed]}, example: open}
      responses: {'200': {description: Orders.}}
""",
    sources=("https://spec.openapis.org/oas/v3.1.1.html#parameter-object",),
)
