"""The methods of a path in an order of their own."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._templates import methods
from knowledge.rules.api_rule import ApiRule, Profile

ORDER = ("get", "head", "query", "post", "put", "patch", "delete", "options", "trace")


def check(node: Node, _context: ApiContext) -> Iterator[ApiHit]:
    """Every path whose methods do not stand in the usual order."""
    found = methods(node.value)
    usual = sorted(found, key=ORDER.index)
    if found != usual:
        yield ApiHit(f"{node.key} has {', '.join(found)} instead of {', '.join(usual)}")


RULE = ApiRule(
    id="path-verb-order",
    family="api",
    check=check,
    claim="The methods of a path stand in the order get, head, query, post, put, patch, delete, options, trace.",
    severity=Severity.LOW,
    why="Documents that are read and compared by people are found through faster when every path is laid out alike.",
    unless="The document is generated and nobody reads its text.",
    profile=Profile.STYLE,
    on=(Kind.PATH,),
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    post: {responses: {'201': {description: Created.}}}
    get: {responses: {'200': {description: Orders.}}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get: {responses: {'200': {description: Orders.}}}
    post: {responses: {'201': {description: Created.}}}
""",
    sources=("https://redocly.com/docs/cli/rules/oas/path-http-verbs-order",),
)
