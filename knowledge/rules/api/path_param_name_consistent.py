"""The same place in paths, called by different names."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._templates import is_variable, normalised, segments
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Every path that names a variable otherwise than an earlier path with the same beginning."""
    known: dict[str, tuple[str, str]] = context.memo("path-param-name-consistent", dict)
    parts = segments(node.key)
    before = ""
    for part in parts:
        if is_variable(part):
            name, template = known.setdefault(before, (part, node.key))
            if name != part:
                yield ApiHit(f"{part} in {node.key} is {name} in {template}", subject=part[1:-1])
                return
        before += "/" + normalised(part)


RULE = ApiRule(
    id="path-param-name-consistent",
    family="api",
    check=check,
    claim="A variable has one name in all paths that begin alike.",
    severity=Severity.LOW,
    why=(
        "Frameworks that route by a tree of segments refuse two names at one place, and in generated clients "
        "the same id is called id in one call and order_id in the next."
    ),
    unless="The names stand for different things that happen to be at the same place.",
    profile=Profile.DESIGN,
    on=(Kind.PATH,),
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get: {responses: {'200': {description: The order.}}}
  /orders/{order_id}/lines:
    parameters: [{name: order_id, in: path, required: true, schema: {type: string}}]
    get: {responses: {'200': {description: Its lines.}}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders/{order_id}:
    parameters: [{name: order_id, in: path, required: true, schema: {type: string}}]
    get: {responses: {'200': {description: The order.}}}
  /orders/{order_id}/lines:
    parameters: [{name: order_id, in: path, required: true, schema: {type: string}}]
    get: {responses: {'200': {description: Its lines.}}}
""",
    sources=("https://github.com/IBM/openapi-validator/blob/main/docs/ibm-cloud-rules.md",),
)
