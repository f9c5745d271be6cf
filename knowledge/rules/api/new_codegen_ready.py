"""Names that a generated client cannot have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._answers import parameters
from knowledge.rules.api._name_parts import folded
from knowledge.rules.api_rule import ApiRule, Profile

RESERVED = frozenset(
    "and as assert async await break case catch class const continue debugger def default del delete do elif else "
    "enum except export extends false finally for from function global if implements import in instanceof interface "
    "is lambda let new none nonlocal not null or package pass private protected public raise return static super "
    "switch this throw true try typeof var void while with yield".split()
)
"""Reserved words of Python and TypeScript, in lower case."""


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Operations and schemas whose names collide or are reserved, and parameters of one call that collide."""
    calls: dict[str, list[tuple[str, Node]]] = context.memo("new-codegen-ready", dict)
    if node.kind is Kind.END:
        for alike in calls.values():
            names = sorted({name for name, _ in alike})
            if len(names) > 1:
                message = f"the operations {' and '.join(names)} are one function in generated code"
                yield ApiHit(message, subject=alike[-1][0], at=(*alike[-1][1].pointer, "operationId"))
        yield from _schemas(context)
        return
    name = node.value.get("operationId")
    if isinstance(name, str) and name:
        calls.setdefault(folded(name), []).append((name, node))
        if name in RESERVED:
            yield ApiHit(f"the operation is called {name}, a reserved word in clients", ("operationId",), name)
    seen: dict[str, Mapping[str, Any]] = {}
    for held in parameters(node, context):
        key = folded(str(held.get("name")))
        other = seen.setdefault(key, held)
        if other.get("in") != held.get("in") or other.get("name") != held.get("name"):
            both = f"{other.get('name')} ({other.get('in')}) and {held.get('name')} ({held.get('in')})"
            yield ApiHit(f"{both} are one argument in generated code", ("parameters",), str(held.get("name")))


def _schemas(context: ApiContext) -> Iterator[ApiHit]:
    where: tuple[str, ...] = ("definitions",) if context.version == "2.0" else ("components", "schemas")
    seen: dict[str, str] = {}
    for name in context.schemas:
        first = seen.setdefault(folded(name), name)
        said = ""
        if first != name:
            said = f"the schemas {first} and {name} are one type in generated code"
        elif not any(sign.isalpha() for sign in name) or name[0].isdigit():
            said = f"the schema {name} has no name that a type can have"
        if said:
            yield ApiHit(said, subject=name, at=(*where, name))


RULE = ApiRule(
    id="new-codegen-ready",
    claim=(
        "Operations, schemas and the parameters of an operation have names that a generated client can give "
        "them, each its own."
    ),
    family="api",
    severity=Severity.MEDIUM,
    why=(
        "Generators fold names into the case of their language: what collides overwrites, gets a number that "
        "changes with the order, or does not compile."
    ),
    unless=(
        "The names differ in more than case, hyphens, underscores and dots; an operation without an "
        "operationId is another rule's."
    ),
    profile=Profile.DESIGN,
    on=(
        Kind.OPERATION,
        Kind.END,
    ),
    check=check,
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      operationId: list_orders
      responses:
        '200': {description: The orders.}
  /shops/{shop}/orders:
    get:
      operationId: listOrders
      parameters:
        - {name: shop, in: path, required: true, schema: {type: string}}
      responses:
        '200': {description: The orders of a shop.}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      operationId: list_orders
      responses:
        '200': {description: The orders.}
  /shops/{shop}/orders:
    get:
      operationId: list_shop_orders
      parameters:
        - {name: shop, in: path, required: true, schema: {type: string}}
      responses:
        '200': {description: The orders of a shop.}
""",
    sources=(
        "https://spec.openapis.org/oas/v3.1.1.html#operation-object",
        "https://docs.python.org/3/reference/lexical_analysis.html#keywords",
        "https://tc39.es/ecma262/#sec-keywords-and-reserved-words",
    ),
)
