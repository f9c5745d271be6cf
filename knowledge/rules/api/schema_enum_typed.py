"""A listed value that the type refuses."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._schema_types import is_a, nullable, types
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, _context: ApiContext) -> Iterator[ApiHit]:
    """Values of enum and const that are not of the schema's type."""
    value, names = node.value, types(node.value)
    if not names:
        return
    listed = value.get("enum")
    wrong = [item for item in listed if not _fits(item, value, names)] if isinstance(listed, list) else []
    if wrong:
        shown = ", ".join(_text(item) for item in wrong[:3])
        yield ApiHit(f"{shown} in enum: the type is {' or '.join(names)}", ("enum",), node.key)
    if "const" in value and not _fits(value["const"], value, names):
        yield ApiHit(f"const {_text(value['const'])}: the type is {' or '.join(names)}", ("const",), node.key)


def _fits(item: Any, schema: Mapping[str, Any], names: tuple[str, ...]) -> bool:
    return any(is_a(item, name) for name in names) or (item is None and nullable(schema))


def _text(item: Any) -> str:
    return "null" if item is None else json.dumps(item, default=str)[:40]


RULE = ApiRule(
    id="schema-enum-typed",
    claim="Every value of enum and const is of the schema's type.",
    family="api",
    severity=Severity.MEDIUM,
    why=(
        "No value satisfies both, so the listed one can never be sent; in YAML an unquoted no, on or 1 is "
        "seldom the string that was meant."
    ),
    unless="The value is null and the schema is nullable, or the schema names no type.",
    profile=Profile.DEFAULT,
    on=(Kind.SCHEMA,),
    keywords=("enum", "const"),
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
        gift: {type: string, enum: [true, false]}
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
        gift: {type: string, enum: ['yes', 'no']}
""",
    sources=(
        "https://json-schema.org/draft/2020-12/json-schema-validation#section-6.1.2",
        "https://spec.openapis.org/oas/v3.1.1.html#schema-object",
    ),
)
