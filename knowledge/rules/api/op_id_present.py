"""An operation without an operationId."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Edit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._name_parts import words
from knowledge.rules.api._operations import own
from knowledge.rules.api._templates import is_variable, is_version, methods, segments
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Every operation the API serves that has no id; the fix makes one of method and path."""
    if not own(node) or node.value.get("operationId"):
        return
    made = _name(node)
    taken = context.memo("operation ids", lambda: _taken(context))
    edits = () if made in taken else (Edit("add", ("operationId",), made),)
    taken.add(made)
    yield ApiHit(f"{node.method} {node.path} has no operationId", edits=edits)


def _name(node: Node) -> str:
    parts = [part for part in segments(node.path) if not is_version(part)]
    found = [word for part in parts for word in (("by", *words(part)) if is_variable(part) else words(part))]
    return "_".join([node.method, *found])


def _taken(context: ApiContext) -> set[str]:
    paths = context.root.get("paths")
    items = [item for item in paths.values() if isinstance(item, Mapping)] if isinstance(paths, Mapping) else []
    operations = [item[method] for item in items for method in methods(item)]
    return {str(value.get("operationId")) for value in operations if isinstance(value, Mapping)}


RULE = ApiRule(
    id="op-id-present",
    family="api",
    check=check,
    claim="Every operation has an operationId.",
    severity=Severity.MEDIUM,
    why=(
        "Generators name the methods of a client by it; without one they make up names from paths, which change "
        "when a path does, and links and tools have nothing to refer to."
    ),
    unless="It is an operation of a callback or a webhook: others serve it.",
    profile=Profile.DEFAULT,
    on=(Kind.OPERATION,),
    fix_safety="safe",
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get: {responses: {'200': {description: Orders.}}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get: {operationId: list_orders, responses: {'200': {description: Orders.}}}
""",
    sources=("https://spec.openapis.org/oas/v3.1.1.html#operation-object",),
)
