"""Parameters in another order than callers give them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._operations import listed
from knowledge.rules.api._templates import names
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """The first required parameter after an optional one, or path parameters in another order than the path's."""
    optional = ""
    order = names(node.path)
    last = -1
    for steps, value in listed(node.value, context):
        if not isinstance(value, Mapping) or not isinstance(value.get("name"), str):
            continue
        name = value["name"]
        if value.get("required") is not True:
            optional = optional or name
        elif optional:
            yield ApiHit(f"{name} is required, and stands after {optional}, which is not", steps, name)
            return
        if value.get("in") == "path" and name in order:
            if order.index(name) < last:
                yield ApiHit(f"{name} comes earlier in {node.path} than the parameter before it", steps, name)
                return
            last = order.index(name)


RULE = ApiRule(
    id="param-order",
    family="api",
    check=check,
    claim="Required parameters stand before optional ones, and those of the path in its order.",
    severity=Severity.LOW,
    why=(
        "Generators that make positional arguments keep the order of the list: a function whose first argument "
        "may be left out but not its second, or whose ids are the wrong way round."
    ),
    unless="The generated clients in use take parameters by name.",
    profile=Profile.STYLE,
    on=(Kind.OPERATION,),
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      parameters:
        - {name: status, in: query, schema: {type: string}}
        - {name: customer, in: query, required: true, schema: {type: string}}
      responses: {'200': {description: Orders.}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      parameters:
        - {name: customer, in: query, required: true, schema: {type: string}}
        - {name: status, in: query, schema: {type: string}}
      responses: {'200': {description: Orders.}}
""",
    sources=("https://github.com/IBM/openapi-validator/blob/main/docs/ibm-cloud-rules.md",),
)
