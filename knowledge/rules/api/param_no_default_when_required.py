"""A default for a parameter that must be given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Edit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._operations import parameter_name
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, _context: ApiContext) -> Iterator[ApiHit]:
    """Every required parameter whose own schema has a default; the fix takes the default away."""
    name = parameter_name(node)
    schema = node.value.get("schema")
    if node.value.get("required") is not True or not isinstance(schema, Mapping) or "default" not in schema:
        return
    if "$ref" not in schema:
        edits = (Edit("remove", ("schema", "default")),)
        yield ApiHit(
            f"{name} is required, so its default is never used",
            ("schema", "default"),
            name,
            edits,
        )


RULE = ApiRule(
    id="param-no-default-when-required",
    family="api",
    check=check,
    claim="A required parameter has no default.",
    severity=Severity.LOW,
    why=(
        "The default can never apply, so one of the two is wrong: readers leave the parameter out and get 422, "
        "or generated clients send it on every call."
    ),
    unless="The schema is shared with places where it may be left out.",
    profile=Profile.DEFAULT,
    on=(Kind.PARAMETER,),
    fix_safety="safe",
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      parameters: [{name: status, in: query, required: true, schema: {type: string, default: open}}]
      responses: {'200': {description: Orders.}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      parameters: [{name: status, in: query, schema: {type: string, default: open}}]
      responses: {'200': {description: Orders.}}
""",
    sources=("https://spec.openapis.org/oas/v3.0.4.html#schema-object",),
)
