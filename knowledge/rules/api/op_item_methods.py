"""A method for one item on the path of a whole collection."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._operations import own
from knowledge.rules.api._templates import collections, is_literal, normalised, segments
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Every PUT and PATCH on a path below which the items have paths of their own."""
    if not own(node) or node.method not in ("put", "patch"):
        return
    parts = segments(node.path)
    if parts and is_literal(parts[-1]) and normalised(node.path) in collections(context):
        yield ApiHit(f"{node.method} on the collection {node.path}: it replaces or changes all of it")


RULE = ApiRule(
    id="op-item-methods",
    family="api",
    check=check,
    claim="PUT and PATCH are called on items, not on collections.",
    severity=Severity.LOW,
    why=(
        "PUT on a collection is defined as replacing all of it: a client that means to add one deletes the others, "
        "and no ETag of one item protects it."
    ),
    unless="Replacing the whole set is meant (the labels of an issue), or many are changed at once.",
    profile=Profile.DESIGN,
    on=(Kind.OPERATION,),
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    put: {responses: {'200': {description: Replaced.}}}
  /orders/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get: {responses: {'200': {description: The order.}}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get: {responses: {'200': {description: The order.}}}
    put: {responses: {'200': {description: Replaced.}}}
""",
    sources=(
        "https://www.rfc-editor.org/rfc/rfc9110#section-9.3.4",
        "https://github.com/Azure/azure-api-style-guide",
    ),
)
