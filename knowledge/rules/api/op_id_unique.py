"""Two operations with the same operationId."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api_rule import ApiRule, Profile


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Every operation whose id an earlier one has."""
    name = node.value.get("operationId")
    if not isinstance(name, str) or not name:
        return
    seen: dict[str, str] = context.memo("op-id-unique", dict)
    here = f"{node.method} {node.path or node.component or 'of a callback'}"
    first = seen.setdefault(name, here)
    if first is not here:
        yield ApiHit(f"the operationId {name} is also that of {first}", ("operationId",), name)


RULE = ApiRule(
    id="op-id-unique",
    family="api",
    check=check,
    claim="No two operations have the same operationId.",
    severity=Severity.HIGH,
    why=(
        "Generated clients define one method twice: they do not compile, or the second silently replaces the "
        "first. The specification calls the document invalid."
    ),
    unless="Never.",
    profile=Profile.DEFAULT,
    on=(Kind.OPERATION,),
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get: {operationId: orders, responses: {'200': {description: Orders.}}}
    post: {operationId: orders, responses: {'201': {description: Created.}}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get: {operationId: list_orders, responses: {'200': {description: Orders.}}}
    post: {operationId: create_order, responses: {'201': {description: Created.}}}
""",
    sources=("https://spec.openapis.org/oas/v3.1.1.html#operation-object",),
)
