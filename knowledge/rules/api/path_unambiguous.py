"""Two templates that the same URL fits, neither of them more specific than the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._crossings import Crossings, admits
from knowledge.rules.api._operations import listed, said, schema_of
from knowledge.rules.api._templates import is_literal, is_variable, methods, normalised, segments
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Every path that an earlier one crosses: each has a literal where the other has a variable."""
    index: Crossings = context.memo("path-unambiguous", Crossings)
    bare = normalised(node.key)
    for template in index.crossing(bare):
        other = index.templates[template]
        if not _shares_method(node.value, other.value) or _told_apart(node, other, context):
            continue
        yield ApiHit(f"one URL fits both {node.key} and {other.key}, and neither is more specific")
    index.add(bare, node)


def _shares_method(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return not set(methods(one)).isdisjoint(methods(other))


def _told_apart(one: Node, other: Node, context: ApiContext) -> bool:
    """Whether a literal of one of them is no value of the variable that stands there in the other."""
    for left, right in zip(segments(one.key), segments(other.key), strict=False):
        for literal, variable, owner in ((left, right, other), (right, left, one)):
            if is_literal(literal) and is_variable(variable) and not _admits(literal, variable, owner, context):
                return True
    return False


def _admits(literal: str, variable: str, path: Node, context: ApiContext) -> bool:
    for holder in (path.value, *(path.value[method] for method in methods(path.value))):
        for _, value in listed(holder, context) if isinstance(holder, Mapping) else ():
            if isinstance(value, Mapping) and value.get("in") == "path" and value.get("name") == variable[1:-1]:
                return admits(said(schema_of(value, context), context), literal)
    return True


RULE = ApiRule(
    id="path-unambiguous",
    family="api",
    check=check,
    claim="Of two paths that fit the same URL, one is more specific than the other.",
    severity=Severity.MEDIUM,
    why=(
        "Which of the two answers is left to the framework: most take the first that was registered, so that "
        "moving a line changes what clients get."
    ),
    unless="No method is common to both, or the type, pattern or enum of a variable keeps the URL out.",
    profile=Profile.DEFAULT,
    on=(Kind.PATH,),
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /{entity}/me:
    get:
      parameters: [{name: entity, in: path, required: true, schema: {type: string}}]
      responses: {'200': {description: Mine.}}
  /orders/{id}:
    get:
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses: {'200': {description: The order.}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders/me:
    get: {responses: {'200': {description: Mine.}}}
  /orders/{id}:
    get:
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses: {'200': {description: The order.}}
""",
    sources=("https://spec.openapis.org/oas/v3.1.1.html#path-templating",),
)
