"""A required name that no property has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Edit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._schema_parts import EVERY, gather, top, within
from knowledge.rules.api._schema_use import component_at
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Required names that are repeated, or that neither the schema nor what it is composed with defines."""
    waiting: list[tuple[Node, list[str]]] = context.memo("schema-required-defined", list)
    if node.kind is Kind.END:
        yield from _undefined(waiting, context)
        return
    required = node.value.get("required")
    if not isinstance(required, list) or not all(isinstance(name, str) for name in required):
        message = "required is a list of names" + (", not a mark of one property" if isinstance(required, bool) else "")
        yield ApiHit(message, ("required",), node.key)
        return
    if len(set(required)) < len(required):
        edits = (Edit("replace", ("required",), list(dict.fromkeys(required))),)
        yield ApiHit("required names one property twice", ("required",), node.key, edits)
    own = node.value.get("properties")
    if isinstance(own, Mapping) and all(name in own for name in required):
        return
    missing = _missing(node, required, context)
    if missing and node.component:
        waiting.append((node, missing))
    elif missing:
        yield ApiHit(_said(missing), ("required",), missing[0])


def _missing(node: Node, required: list[str], context: ApiContext) -> list[str]:
    if within(node, "not") or within(node, "dependentSchemas"):
        return []
    whole = gather(top(node).value, context, EVERY)
    if not whole.complete or whole.open or not whole.properties:
        return []
    return [name for name in required if name not in whole.properties]


def _undefined(waiting: list[tuple[Node, list[str]]], context: ApiContext) -> Iterator[ApiHit]:
    """What is still missing when every schema that is composed with the component is known."""
    if not waiting:
        return
    around: dict[str, list[Node]] = {}
    for reference in context.references:
        if reference.kind is Kind.SCHEMA and reference.parent.role in EVERY:
            around.setdefault(component_at(reference.target), []).append(reference.parent)
    for node, missing in waiting:
        defined = {name for outer in around.get(node.component, ()) for name in _properties(outer, context)}
        left = [name for name in missing if name not in defined]
        if left:
            yield ApiHit(_said(left), subject=left[0], at=(*node.pointer, "required"))


def _properties(node: Node, context: ApiContext) -> set[str]:
    return set(gather(top(node).value, context, EVERY).properties)


def _said(missing: list[str]) -> str:
    return f"{', '.join(missing[:3])} {'is' if len(missing) == 1 else 'are'} required, but no property"


RULE = ApiRule(
    id="schema-required-defined",
    claim="Every required name is a property of the schema, and stands once.",
    family="api",
    severity=Severity.MEDIUM,
    why=(
        "The name is usually misspelt or was renamed: clients that follow the contract are refused, and "
        "generated types lack the property."
    ),
    unless=(
        "Another part of the composition defines the name (allOf, anyOf, oneOf, a schema that is composed "
        "with this one), patterns or additional properties are described, or no properties are listed at all."
    ),
    profile=Profile.DEFAULT,
    on=(
        Kind.SCHEMA,
        Kind.END,
    ),
    keywords=("required",),
    fix_safety="safe",
    check=check,
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths: {}
components:
  schemas:
    Order:
      type: object
      required: [note, total]
      properties:
        note: {type: string}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths: {}
components:
  schemas:
    Order:
      type: object
      required: [note, total]
      properties:
        note: {type: string}
        total: {type: integer}
""",
    sources=(
        "https://json-schema.org/draft/2020-12/json-schema-validation#section-6.5.3",
        "https://spec.openapis.org/oas/v3.1.1.html#schema-object",
    ),
)
