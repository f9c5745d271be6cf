"""Administration that opens with everybody's key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from knowledge.api.context import ApiContext
from knowledge.api.node import ApiHit, Kind, Node
from knowledge.report import Severity
from knowledge.rules.api._name_parts import words
from knowledge.rules.api._operations import own
from knowledge.rules.api._schemes import requirements
from knowledge.rules.api._templates import segments
from knowledge.rules.api_rule import ApiRule, Profile

Needs = frozenset[tuple[str, tuple[str, ...]]]


def check(node: Node, context: ApiContext) -> Iterator[ApiHit]:
    """Every operation under an admin segment that requires exactly what some other operation requires."""
    seen: list[tuple[Node, Needs]] = context.memo("sec-admin-distinct", list)
    if node.kind is Kind.OPERATION:
        needed = requirements(node, context)
        if own(node) and needed:
            seen.extend((node, _as_set(item)) for item in needed if isinstance(item, Mapping) and item)
        return
    others = {needs for operation, needs in seen if not _administers(operation)}
    for operation, needs in seen:
        if needs in others and _administers(operation) and not any("admin" in words(name) for name, _ in needs):
            names_of = ", ".join(sorted(name for name, _ in needs))
            message = f"{operation.method} {operation.path} opens with {names_of}, like operations for everybody"
            yield ApiHit(message, at=operation.pointer)


def _as_set(requirement: Mapping[str, Any]) -> Needs:
    return frozenset(
        (name, tuple(sorted(map(str, wanted))) if isinstance(wanted, list) else ())
        for name, wanted in requirement.items()
    )


def _administers(operation: Node) -> bool:
    return any(words(part) in (["admin"], ["administration"]) for part in segments(operation.path))


RULE = ApiRule(
    id="sec-admin-distinct",
    family="api",
    check=check,
    claim="Operations under an admin path require another scheme or other scopes than the rest.",
    severity=Severity.LOW,
    why=(
        "One check that is forgotten in a handler, and every user is an administrator: a scheme or scope of its own "
        "is checked before any handler runs."
    ),
    unless="Roles within the token tell administrators apart, and are checked in one place.",
    profile=Profile.HARDENING,
    on=(Kind.OPERATION, Kind.END),
    failing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
security: [{bearer: []}]
paths:
  /orders:
    get: {responses: {'200': {description: Orders.}}}
  /admin/users:
    get: {responses: {'200': {description: All users.}}}
components:
  securitySchemes: {bearer: {type: http, scheme: bearer}}
""",
    passing="""\
openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
security: [{bearer: []}]
paths:
  /orders:
    get: {responses: {'200': {description: Orders.}}}
  /admin/users:
    get: {security: [{staff: []}], responses: {'200': {description: All users.}}}
components:
  securitySchemes:
    bearer: {type: http, scheme: bearer}
    staff: {type: http, scheme: bearer}
""",
    sources=("https://owasp.org/API-Security/editions/2023/en/0xa5-broken-function-level-authorization/",),
)
