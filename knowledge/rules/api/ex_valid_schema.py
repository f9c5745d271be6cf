"""An example within a schema that does not fit it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._example_check import checker
from knowledge.rules.api._example_schema import FORMATS
from knowledge.rules.api._fitting import misfit
from knowledge.rules.api._operations import where
from knowledge.rules.api_rule import ApiRule, Profile

DEEPER = frozenset(
    "required properties additionalProperties anyOf oneOf allOf pattern items patternProperties multipleOf $ref".split()
)


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Every ``example``, and every item of ``examples``, that the schema it stands in does not admit."""
    schema = node.value
    if "$ref" in schema and context.version != "3.1":
        return
    found: list[tuple[tuple[str | int, ...], Any]] = []
    if "example" in schema:
        found.append((("example",), schema["example"]))
    several = schema.get("examples")
    if isinstance(several, list):
        found += [(("examples", index), value) for index, value in enumerate(several)]
    for steps, value in found:
        text = misfit(value, schema, context)
        if not text and (not DEEPER.isdisjoint(schema) or schema.get("format") in FORMATS):
            said_of, place = checker(context, "").misfit(value, schema)
            text = f"{'at ' + '/'.join(map(str, place)) + ': ' if place else ''}{said_of}" if said_of else ""
        if text:
            yield ApiHit(f"the example of {_name(node)} does not fit: {text}", steps, node.key)


def _name(node: Node) -> str:
    owner = where(node)
    here = node
    while here.role != "properties" and here.parent is not None and here.parent.kind is Kind.SCHEMA:
        here = here.parent
    return f"{here.key} of {owner}" if here.role == "properties" else owner


RULE = ApiRule(
    id="ex-valid-schema",
    family="api",
    check=check,
    claim="Examples within schemas fit them.",
    severity=Severity.LOW,
    why=(
        "Documentation, mock servers and tests are made from them: a text for a number, or a value that the enum "
        "does not have, is copied into calls that fail."
    ),
    unless="It leaves out what travels one way only, or stands beside a $ref that has it ignored (before 3.1).",
    profile=Profile.DEFAULT,
    on=(Kind.SCHEMA,),
    keywords=("example", "examples"),
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get: {responses: {'200': {description: Orders.}}}
components:
  schemas:
    Order: {type: object, properties: {status: {type: string, enum: [open, closed], example: opened}}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get: {responses: {'200': {description: Orders.}}}
components:
  schemas:
    Order: {type: object, properties: {status: {type: string, enum: [open, closed], example: open}}}
""",
    sources=(
        "https://spec.openapis.org/oas/v3.0.4.html#schema-object",
        "https://json-schema.org/draft/2020-12/json-schema-validation#name-examples",
    ),
)
