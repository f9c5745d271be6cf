"""A parameter for the version of the API that takes anything."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._name_parts import words
from knowledge.rules.api._operations import parameter_name, said, schema_of
from knowledge.rules.api_rule import ApiRule, Profile

KNOWN = frozenset({"enum", "const", "default", "pattern", "format"})


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Every parameter called api-version, however it is spelt, whose schema names no version."""
    name = parameter_name(node)
    if node.value.get("in") not in ("query", "header") or words(name)[-2:] != ["api", "version"]:
        return
    if not said(schema_of(node.value, context), context).keys() & KNOWN:
        yield ApiHit(f"{name} takes any text: which versions are there?", subject=name)


RULE = ApiRule(
    id="param-api-version",
    family="api",
    check=check,
    claim="A parameter for the version of the API names the versions that there are.",
    severity=Severity.LOW,
    why="A client that does not know which values exist sends an old one, or one that never was, and gets 400.",
    unless="A pattern or a format says what a version looks like.",
    profile=Profile.DESIGN,
    on=(Kind.PARAMETER,),
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      parameters: [{name: api-version, in: query, required: true, schema: {type: string}}]
      responses: {'200': {description: Orders.}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      parameters: [{name: api-version, in: query, required: true, schema: {type: string, enum: ['2026-01-01']}}]
      responses: {'200': {description: Orders.}}
""",
    sources=("https://github.com/microsoft/api-guidelines/blob/vNext/azure/Guidelines.md",),
)
