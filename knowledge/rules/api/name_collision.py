"""Names that are one name when case and underscores are left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._name_parts import collisions
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Properties of one schema whose names collide."""
    properties = node.value["properties"]
    if not isinstance(properties, Mapping) or len(properties) < 2:
        return
    known: dict[str, tuple[str, str]] = context.memo("keys of names", dict)
    for first, name in collisions(properties, known):
        yield ApiHit(f"{first} and {name} are one name in generated code", ("properties", name), name)


RULE = ApiRule(
    id="name-collision",
    claim="Names of properties differ in more than case, hyphens and underscores.",
    family="api",
    severity=Severity.MEDIUM,
    why=("Generators turn both into one field: one of the values is lost, or the generated code does not compile."),
    unless="The names differ in a letter, a digit or another sign.",
    profile=Profile.DESIGN,
    on=(Kind.SCHEMA,),
    keywords=("properties",),
    check=check,
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths: {}
components:
  schemas:
    Order:
      type: object
      properties:
        user_id: {type: string}
        userId: {type: string}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths: {}
components:
  schemas:
    Order:
      type: object
      properties:
        user_id: {type: string}
        user_name: {type: string}
""",
    sources=("https://github.com/IBM/openapi-validator/blob/main/docs/ibm-cloud-rules.md",),
)
