"""A way to write a parameter that is not defined for its place or type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._operations import parameter_name, said, schema_of, type_names
from knowledge.rules.api_rule import ApiRule, Profile

STYLES = {
    "path": frozenset({"simple", "label", "matrix"}),
    "query": frozenset({"form", "spaceDelimited", "pipeDelimited", "deepObject"}),
    "header": frozenset({"simple"}),
    "cookie": frozenset({"form", "cookie"}),
}


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Styles of other places, delimiters for single values, deepObject for what is no object."""
    name = parameter_name(node)
    value, place = node.value, node.value.get("in")
    if context.version == "2.0":
        if value.get("collectionFormat") == "multi" and place not in ("query", "formData"):
            yield ApiHit(
                f"multi is not defined for {place} parameters as {name}",
                ("collectionFormat",),
                name,
            )
        return
    style = value.get("style")
    if not isinstance(style, str) or not isinstance(place, str) or place not in STYLES:
        return
    if style not in STYLES[place]:
        yield ApiHit(
            f"the style {style} is not defined for {place} parameters as {name}",
            ("style",),
            name,
        )
        return
    schema = said(schema_of(value, context), context)
    kinds = type_names(schema)
    if not kinds:
        return
    if style == "deepObject" and kinds.isdisjoint({"object"}):
        yield ApiHit(f"deepObject is for objects; {name} is {_listed(kinds)}", ("style",), name)
    elif style in ("spaceDelimited", "pipeDelimited") and kinds.isdisjoint({"array", "object"}):
        yield ApiHit(f"{style} is for arrays; {name} is {_listed(kinds)}", ("style",), name)
    elif style == "deepObject" and (inner := _nested(schema, context)):
        yield ApiHit(
            f"deepObject is not defined for objects in objects, as {name}[{inner}]",
            ("style",),
            name,
        )


def _listed(kinds: frozenset[str]) -> str:
    return ", ".join(sorted(kinds))


def _nested(schema: Mapping[str, Any], context: ApiContext) -> str:
    """The first property that is an object itself."""
    found = schema.get("properties")
    for name, value in found.items() if isinstance(found, Mapping) else ():
        resolved = context.resolve(value)
        if isinstance(resolved, Mapping) and type_names(resolved) == {"object"}:
            return str(name)
    return ""


RULE = ApiRule(
    id="param-serialization",
    family="api",
    check=check,
    claim="A parameter is written in a style that is defined for its place and its type.",
    severity=Severity.MEDIUM,
    why=(
        "Where nothing is defined every client and every server writes and reads in its own way, and the value "
        "arrives changed or not at all."
    ),
    unless="Both sides are made by the same tool, which defines it.",
    profile=Profile.DEFAULT,
    on=(Kind.PARAMETER,),
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      parameters: [{name: status, in: query, style: deepObject, schema: {type: array, items: {type: string}}}]
      responses: {'200': {description: Orders.}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      parameters: [{name: status, in: query, style: form, schema: {type: array, items: {type: string}}}]
      responses: {'200': {description: Orders.}}
""",
    sources=(
        "https://spec.openapis.org/oas/v3.1.1.html#style-values",
        "https://opensource.zalando.com/restful-api-guidelines/#154",
    ),
)
