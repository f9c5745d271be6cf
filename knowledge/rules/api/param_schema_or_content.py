"""A parameter that describes its value in no way, or in two."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._operations import parameter_name
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, _context: ApiContext) -> Iterator[ApiHit]:
    """Every parameter that has not exactly one of schema and content, or content of several media types."""
    name = parameter_name(node)
    content = node.value.get("content")
    has_schema, has_content = "schema" in node.value, "content" in node.value
    if has_schema and has_content:
        yield ApiHit(f"the parameter {name} has both a schema and content", ("content",), name)
    elif not has_schema and not has_content:
        yield ApiHit(f"the parameter {name} has neither a schema nor content", subject=name)
    elif has_content and not (isinstance(content, Mapping) and len(content) == 1):
        yield ApiHit(
            f"the content of the parameter {name} must be one media type",
            ("content",),
            name,
        )


RULE = ApiRule(
    id="param-schema-or-content",
    family="api",
    check=check,
    claim="A parameter has either a schema or content, and content has one media type.",
    severity=Severity.HIGH,
    why=(
        "Without either, nothing tells what the value is or how it is written; with both, tools contradict each "
        "other. The specification calls the document invalid."
    ),
    unless="The document is of OpenAPI 2.0, where the type stands in the parameter itself.",
    profile=Profile.DEFAULT,
    on=(Kind.PARAMETER,),
    documents=("3.0", "3.1"),
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      parameters: [{name: status, in: query, description: Only orders in this state.}]
      responses: {'200': {description: Orders.}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      parameters: [{name: status, in: query, description: Only orders in this state., schema: {type: string}}]
      responses: {'200': {description: Orders.}}
""",
    sources=("https://spec.openapis.org/oas/v3.1.1.html#parameter-object",),
)
