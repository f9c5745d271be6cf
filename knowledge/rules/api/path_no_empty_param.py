"""A template variable without a name."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._templates import names
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, _context: ApiContext) -> Iterator[ApiHit]:
    """Every path with ``{}`` in it."""
    if any(not name.strip() for name in names(node.key)):
        yield ApiHit(f"{node.key} has a variable without a name: no parameter can be given for it")


RULE = ApiRule(
    id="path-no-empty-param",
    family="api",
    check=check,
    claim="Every template variable has a name.",
    severity=Severity.HIGH,
    why="No parameter can be declared for {}: generated clients send the braces, or do not compile.",
    unless="Never.",
    profile=Profile.DEFAULT,
    on=(Kind.PATH,),
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders/{}:
    get: {responses: {'200': {description: The order.}}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders/{id}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: string}}
    get: {responses: {'200': {description: The order.}}}
""",
    sources=("https://spec.openapis.org/oas/v3.1.1.html#path-templating",),
)
