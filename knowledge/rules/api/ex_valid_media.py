"""An example of a body that its schema does not admit."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._answers import (
    is_json,
)
from knowledge.rules.api._example_check import checker, direction_of
from knowledge.rules.api._examples import examples
from knowledge.rules.api._operations import where
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Every example of JSON that does not fit, in the direction it travels."""
    if not is_json(node.key) or "schema" not in node.value or not ("example" in node.value or "examples" in node.value):
        return
    direction = direction_of(node)
    for example in examples(node.value, context):
        text, place = checker(context, direction).misfit(example.value, node.value["schema"])
        if text:
            name = f"the example {example.name}" if example.name else "the example"
            owner = f"{where(node)} {node.status}".strip()
            at = f" at {'/'.join(map(str, place))}" if place else ""
            yield example.hit(f"{name} of {owner} does not fit its schema{at}: {text}")


RULE = ApiRule(
    id="ex-valid-media",
    family="api",
    check=check,
    claim="Examples of bodies in JSON fit their schemas.",
    severity=Severity.MEDIUM,
    why=(
        "Examples are what people copy and mock servers answer: one of the two is wrong, and nobody can tell "
        "which without calling the API."
    ),
    unless=(
        "The example leaves out what only travels the other way: readOnly members of a request, writeOnly ones of "
        "an answer."
    ),
    profile=Profile.DEFAULT,
    on=(Kind.MEDIA_TYPE,),
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      responses:
        '200':
          description: Orders.
          content:
            application/json:
              schema: {type: object, required: [count], properties: {count: {type: integer}}}
              example: {count: many}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      responses:
        '200':
          description: Orders.
          content:
            application/json:
              schema: {type: object, required: [count], properties: {count: {type: integer}}}
              example: {count: 3}
""",
    sources=("https://spec.openapis.org/oas/v3.1.1.html#media-type-object",),
)
