"""Names that a generated client cannot have."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._answers import parameters
from knowledge.rules.api._name_parts import collisions
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
    calls: dict[str, Node] = context.memo("new-codegen-ready", dict)
    known: dict[str, tuple[str, str]] = context.memo("keys of names", dict)
    if node.kind is Kind.END:
        for first, name in collisions(calls, known):
            message = f"the operations {first} and {name} are one function in generated code"
            yield ApiHit(message, subject=name, at=(*calls[name].pointer, "operationId"))
        yield from _schemas(context, known)
        return
    name = node.value.get("operationId")
    if isinstance(name, str) and name:
        calls.setdefault(name, node)
        if name in RESERVED:
            yield ApiHit(f"the operation is called {name}, a reserved word in clients", ("operationId",), name)
    yield from _arguments(node, context, known)


def _arguments(node: Node, context: ApiContext, known: dict[str, tuple[str, str]]) -> Iterator[ApiHit]:
    """A parameter of the operation replaces that of its path only where name and place are the same."""
    places: dict[str, str] = {}
    for held in parameters(node, context):
        name, place = str(held.get("name")), str(held.get("in"))
        if places.setdefault(name, place) != place:
            message = f"{name} ({places[name]}) and {name} ({place}) are one argument in generated code"
            yield ApiHit(message, ("parameters",), name)
    for first, name in collisions(places, known):
        message = f"{first} ({places[first]}) and {name} ({places[name]}) are one argument in generated code"
        yield ApiHit(message, ("parameters",), name)


def _schemas(context: ApiContext, known: dict[str, tuple[str, str]]) -> Iterator[ApiHit]:
    where: tuple[str, ...] = ("definitions",) if context.version == "2.0" else ("components", "schemas")
    for first, name in collisions(context.schemas, known):
        said = f"the schemas {first} and {name} are one type in generated code"
        yield ApiHit(said, subject=name, at=(*where, name))
    for name in context.schemas:
        if not any(sign.isalpha() for sign in name) or name[0].isdigit():
            said = f"the schema {name} has no name that a type can have"
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
