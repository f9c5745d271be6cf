"""An object described in place instead of as a named component."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Objects with properties of their own in bodies, and objects within objects."""
    properties = node.value.get("properties")
    if (
        not isinstance(properties, Mapping)
        or len(properties) < 2
        or (context.version == "2.0" and node.value is not node.raw)
    ):
        return
    if node.role == "schema":
        if node.parent is not None and node.parent.kind is Kind.MEDIA_TYPE:
            yield ApiHit("the body's object has no name: make it a component")
    elif node.role in ("properties", "items"):
        yield ApiHit(f"the object {node.key or 'in the list'} has no name: make it a component", subject=node.key)


RULE = ApiRule(
    id="doc-inline-schemas",
    claim="Objects are named components.",
    family="api",
    severity=Severity.LOW,
    why=(
        "Generators invent names like InlineResponse2003 for objects without one; each use gets its own class, "
        "and a reordered document other names."
    ),
    unless="The object has a single property (an envelope), or is part of a composition.",
    profile=Profile.DESIGN,
    on=(Kind.SCHEMA,),
    keywords=("properties",),
    check=check,
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
components:
  schemas:
    Order:
      type: object
      properties:
        buyer: {type: object, properties: {name: {type: string}, city: {type: string}}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
components:
  schemas:
    Order: {type: object, properties: {buyer: {$ref: '#/components/schemas/Buyer'}}}
    Buyer: {type: object, properties: {name: {type: string}, city: {type: string}}}
""",
    sources=("https://github.com/IBM/openapi-validator/blob/main/docs/ibm-cloud-rules.md",),
)
