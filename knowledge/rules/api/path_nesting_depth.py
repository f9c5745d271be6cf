"""A resource that can be reached only through too many others."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._templates import is_literal, is_variable, is_version, segments
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Every path in which more collections stand within collections than the policy admits."""
    parts = segments(node.key)
    depth = sum(
        1 for before, here in pairwise(parts) if is_variable(before) and is_literal(here) and not is_version(here)
    )
    most = context.policy.max_nesting
    if depth > most:
        yield ApiHit(f"{node.key} is nested {depth} levels deep, more than {most}")


RULE = ApiRule(
    id="path-nesting-depth",
    family="api",
    check=check,
    claim="A path nests no more collections within each other than the policy admits (two).",
    severity=Severity.LOW,
    why=(
        "Whoever holds an id has to know every parent as well to use it, and a resource that moves to another "
        "parent changes its URL."
    ),
    unless="The inner id means nothing without all of the outer ones.",
    profile=Profile.DESIGN,
    policy="max_nesting",
    on=(Kind.PATH,),
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /shops/{shop}/customers/{customer}/orders/{order}/lines:
    parameters:
      - {name: shop, in: path, required: true, schema: {type: string}}
      - {name: customer, in: path, required: true, schema: {type: string}}
      - {name: order, in: path, required: true, schema: {type: string}}
    get: {responses: {'200': {description: Lines.}}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders/{order}/lines:
    parameters:
      - {name: order, in: path, required: true, schema: {type: string}}
    get: {responses: {'200': {description: Lines.}}}
""",
    sources=("https://opensource.zalando.com/restful-api-guidelines/#147",),
)
