"""An example that is given in two ways that exclude each other."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Edit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._examples import examples
from knowledge.rules.api_rule import ApiRule, Profile

PAIRS = (("value", "externalValue"), ("dataValue", "value"), ("serializedValue", "externalValue"))


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Named examples with two values; media types, parameters and headers with both example and examples.

    An example that is also among the examples may go.
    """
    value = node.value
    if node.kind is Kind.EXAMPLE:
        for one, other in PAIRS:
            if one in value and other in value:
                yield ApiHit(f"the example {node.key} has both {one} and {other}", (other,), node.key)
                return
    elif "example" in value and "examples" in value:
        others = [found.value for found in examples({"examples": value["examples"]}, context)]
        edits = (Edit("remove", ("example",)),) if value["example"] in others else ()
        yield ApiHit(f"{node.key or node.kind} has both example and examples", ("example",), node.key, edits)


RULE = ApiRule(
    id="ex-one-source",
    family="api",
    check=check,
    claim="An example has one value, and example does not stand beside examples.",
    severity=Severity.MEDIUM,
    why=(
        "The specification has them exclude each other: each tool shows another one, and readers of the two "
        "pages see different things."
    ),
    unless="Never.",
    profile=Profile.DEFAULT,
    on=(Kind.EXAMPLE, Kind.MEDIA_TYPE, Kind.PARAMETER, Kind.HEADER),
    documents=("3.0", "3.1"),
    fix_safety="safe",
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
              schema: {type: object, properties: {count: {type: integer}}}
              example: {count: 3}
              examples: {none: {value: {count: 0}}}
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
              schema: {type: object, properties: {count: {type: integer}}}
              examples: {some: {value: {count: 3}}, none: {value: {count: 0}}}
""",
    sources=(
        "https://spec.openapis.org/oas/v3.1.1.html#example-object",
        "https://spec.openapis.org/oas/v3.1.1.html#media-type-object",
    ),
)
