"""A parameter that nothing describes."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._operations import in_paths, parameter_name, schema_of
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Every parameter without a description of its own or of its schema."""
    name = parameter_name(node)
    if not in_paths(node):
        return
    texts = (node.value.get("description"), schema_of(node.value, context).get("description"))
    if not any(isinstance(text, str) and text.strip() for text in texts):
        yield ApiHit(
            f"the {node.value.get('in')} parameter {name} has no description",
            subject=name,
        )


RULE = ApiRule(
    id="param-description",
    family="api",
    check=check,
    claim="Every parameter has a description.",
    severity=Severity.LOW,
    why=(
        "Whether before is a date or a cursor, and what happens without it, no name tells; models that call the "
        "operation fill in what they guess."
    ),
    unless="Its schema has one.",
    profile=Profile.DEFAULT,
    on=(Kind.PARAMETER,),
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      parameters: [{name: before, in: query, schema: {type: string, format: date}}]
      responses: {'200': {description: Orders.}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      parameters:
        - {name: before, in: query, description: Only orders before this day., schema: {type: string, format: date}}
      responses: {'200': {description: Orders.}}
""",
    sources=("https://spec.openapis.org/oas/v3.1.1.html#parameter-object",),
)
