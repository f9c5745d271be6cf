"""Two paths that differ only in the names of their variables."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._templates import normalised
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Every path that equals an earlier one once the names of variables are taken out."""
    seen: dict[str, str] = context.memo("path-unique", dict)
    first = seen.setdefault(normalised(node.key), node.key)
    if first != node.key:
        yield ApiHit(f"{node.key} and {first} are the same path: only the names of variables differ")


RULE = ApiRule(
    id="path-unique",
    family="api",
    check=check,
    claim="No two paths are equal but for the names of their variables.",
    severity=Severity.HIGH,
    why=(
        "The names of variables do not travel: a request fits both, the server knows only one of them, and the "
        "specification calls such a document invalid."
    ),
    unless="Never: give one path both operations.",
    profile=Profile.DEFAULT,
    on=(Kind.PATH,),
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders/{id}:
    get:
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses: {'200': {description: The order.}}
  /orders/{number}:
    delete:
      parameters: [{name: number, in: path, required: true, schema: {type: string}}]
      responses: {'204': {description: Deleted.}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get: {responses: {'200': {description: The order.}}}
    delete: {responses: {'204': {description: Deleted.}}}
""",
    sources=("https://spec.openapis.org/oas/v3.1.1.html#paths-object",),
)
