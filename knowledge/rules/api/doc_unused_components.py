"""A component that nothing refers to."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Edit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._usage import declared, used_components
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Components that no path, webhook or used component leads to."""
    paths = node.value.get("paths")
    if not paths and not node.value.get("webhooks"):
        return
    used = used_components(context)
    for section, names in declared(context):
        for name, pointer in names:
            if f"{section}/{name}" not in used:
                whole = Edit("remove", pointer)
                edits = () if context.version == "2.0" else (whole,)
                yield ApiHit(f"nothing refers to {section}/{name}", subject=name, at=pointer, edits=edits)


RULE = ApiRule(
    id="doc-unused-components",
    claim="Every component is used.",
    family="api",
    severity=Severity.LOW,
    why=(
        "What nothing refers to is not maintained with the rest; generators make code of it all the same, and "
        "readers take it for part of the API."
    ),
    unless="The document holds only components for others to refer to.",
    profile=Profile.DEFAULT,
    on=(Kind.END,),
    fix_safety="review",
    check=check,
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get: {responses: {'200': {description: Done.}}}
components:
  schemas:
    Order: {type: object}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      responses:
        '200': {description: Done., content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}}
components:
  schemas:
    Order: {type: object}
""",
    sources=("https://spec.openapis.org/oas/v3.1.1.html#components-object",),
)
