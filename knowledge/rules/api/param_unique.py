"""Two parameters of the same name and place in one list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Edit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._operations import listed, where
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Every parameter whose name and place an earlier one of the same list has; names of headers have no case.

    One that says the same as the earlier one may go.
    """
    seen: dict[tuple[str, str], Any] = {}
    for steps, value in listed(node.value, context):
        if not isinstance(value, Mapping) or not isinstance(value.get("name"), str):
            continue
        place, name = str(value.get("in")), value["name"]
        key = (place, name.lower() if place == "header" else name)
        if key in seen:
            edits = (Edit("remove", steps),) if seen[key] == value else ()
            yield ApiHit(f"{where(node) or node.key} has the {place} parameter {name} twice", steps, name, edits)
        seen.setdefault(key, value)


RULE = ApiRule(
    id="param-unique",
    family="api",
    check=check,
    claim="No list of parameters has two of the same name and place.",
    severity=Severity.HIGH,
    why=(
        "Only one of them counts, and which one is left to the tool: generated functions take an argument twice "
        "and do not compile. The specification calls the document invalid."
    ),
    unless="One stands with the path and one with the operation, which then replaces it.",
    profile=Profile.DEFAULT,
    on=(Kind.PATH, Kind.OPERATION, Kind.CALLBACK),
    fix_safety="safe",
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      parameters:
        - {name: status, in: query, schema: {type: string}}
        - {name: status, in: query, schema: {type: string, enum: [open, closed]}}
      responses: {'200': {description: Orders.}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      parameters:
        - {name: status, in: query, schema: {type: string, enum: [open, closed]}}
      responses: {'200': {description: Orders.}}
""",
    sources=(
        "https://spec.openapis.org/oas/v3.1.1.html#operation-object",
        "https://www.rfc-editor.org/rfc/rfc9110#section-5.1",
    ),
)
