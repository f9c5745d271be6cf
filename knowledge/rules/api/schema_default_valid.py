"""A default that its own schema refuses, or that can never be used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._fitting import misfit
from knowledge.rules.api._schema_use import by_use, only_asked
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, context: ApiContext) -> Iterable[ApiHit]:
    """Defaults that do not fit, and defaults of properties that a request must send."""
    if node.kind is not Kind.END and "default" in node.value and node.role != "not":
        said = misfit(node.value["default"], node.value, context)
        if said:
            yield ApiHit(f"the default {said}", ("default",), node.key)
    if node.kind is Kind.END or "required" in node.value:
        yield from by_use("schema-default-valid", node, context, _unused, only_asked)


def _unused(node: Node) -> ApiHit | None:
    required, properties = node.value.get("required"), node.value.get("properties")
    if not isinstance(required, list) or not isinstance(properties, Mapping):
        return None
    for name in required:
        held = properties.get(name) if isinstance(name, str) else None
        if isinstance(held, Mapping) and "default" in held and "const" not in held:
            message = f"{name} is required and has a default, which is never used"
            return ApiHit(message, ("properties", name, "default"), name)
    return None


RULE = ApiRule(
    id="schema-default-valid",
    claim="A default fits its schema, and stands at a property that may be left out.",
    family="api",
    severity=Severity.MEDIUM,
    why=(
        "Servers fill in a value that they would refuse from a client; a default of a required property tells "
        "readers that it is optional."
    ),
    unless=(
        "The schema is answered too (servers fill in defaults there), or only alternatives (anyOf, oneOf) could tell."
    ),
    profile=Profile.DEFAULT,
    on=(
        Kind.SCHEMA,
        Kind.END,
    ),
    keywords=("default", "required"),
    check=check,
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths: {}
components:
  schemas:
    Page:
      type: object
      properties:
        limit: {type: integer, maximum: 100, default: 200}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths: {}
components:
  schemas:
    Page:
      type: object
      properties:
        limit: {type: integer, maximum: 100, default: 20}
""",
    sources=(
        "https://spec.openapis.org/oas/v3.0.4.html#properties",
        "https://json-schema.org/draft/2020-12/json-schema-validation#section-9.2",
    ),
)
