"""An operation that nothing describes."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._operations import own
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, _context: ApiContext) -> Iterator[ApiHit]:
    """Every operation without a description."""
    text = node.value.get("description")
    if own(node) and not (isinstance(text, str) and text.strip()):
        yield ApiHit(f"{node.method} {node.path} has no description")


RULE = ApiRule(
    id="op-description",
    family="api",
    check=check,
    claim="Every operation has a description.",
    severity=Severity.LOW,
    why=(
        "What it changes, whether it may be repeated, what it answers when nothing is found: neither name nor "
        "schema tells, and people and models that call it have only this text."
    ),
    unless="It is an operation of a callback or a webhook.",
    profile=Profile.DEFAULT,
    on=(Kind.OPERATION,),
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get: {responses: {'200': {description: Orders.}}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      description: The orders of the caller, newest first; an empty list where there are none.
      responses: {'200': {description: Orders.}}
""",
    sources=("https://spec.openapis.org/oas/v3.1.1.html#operation-object",),
)
