"""Access rules as the expressions of TypeScript that decide them."""

from __future__ import annotations

from backend.scaffold.rendering.access import Rule, owner_column, role_arguments
from knowledge.blueprint.model import Resource
from knowledge.blueprint.operations import Operation


def rule_of(resource: Resource, operation: Operation, *, optional: bool = False) -> Rule:
    """The rule of an operation; with ``optional``, of a function whose ``caller`` may be ``null``."""
    if not {"public", "authenticated", "tenant"}.isdisjoint(operation.access):
        test = "caller !== null" if optional and not operation.public else ""
        return Rule(test, row=False, signed=not operation.public)
    tests = []
    if operation.owner:
        tests.append(f"caller.owns(row.{owner_column(resource)})")
    if operation.roles:
        tests.append(f"caller.hasRole({role_arguments(operation.roles)})")
    test = " || ".join(tests)
    if optional:
        test = f"caller !== null && {test}" if len(tests) == 1 else f"caller !== null && ({test})"
    return Rule(test, row=operation.owner, signed=True, roles=() if operation.owner else operation.roles)
