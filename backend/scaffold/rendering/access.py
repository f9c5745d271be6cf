"""Access rules as the expressions that decide them in the generated code."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from knowledge.blueprint.model import BelongsTo, Blueprint, Resource
from knowledge.blueprint.operations import Operation


@dataclass(frozen=True)
class Rule:
    """Who may do something with one row."""

    test: str
    """The expression that says so; empty where everybody may whom the route lets in."""
    row: bool
    """Whether the expression looks at the row."""
    signed: bool
    """Whether the caller has to be known."""
    roles: tuple[str, ...] = ()
    """Of a rule that asks for nothing but one of these roles."""

    @property
    def arguments(self) -> str:
        """What a function is called with that decides it."""
        return "caller, row" if self.row else "caller"


def rule_of(resource: Resource, operation: Operation, *, optional: bool = False) -> Rule:
    """The rule of an operation; with ``optional``, of a function whose ``caller`` may be ``None``."""
    tests = []
    if not {"public", "authenticated", "tenant"}.isdisjoint(operation.access):
        test = "caller is not None" if optional and not operation.public else ""
        return Rule(test, row=False, signed=not operation.public)
    if operation.owner:
        tests.append(f'caller.owns(row["{owner_column(resource)}"])')
    if operation.roles:
        tests.append(f"caller.has_role({role_arguments(operation.roles)})")
    test = " or ".join(tests)
    if optional:
        test = f"caller is not None and {test}" if len(tests) == 1 else f"caller is not None and ({test})"
    return Rule(test, row=operation.owner, signed=True, roles=() if operation.owner else operation.roles)


def role_arguments(roles: tuple[str, ...]) -> str:
    """Roles as arguments."""
    return ", ".join(f'"{role}"' for role in roles)


def owner_column(resource: Resource) -> str:
    """The column that says whose a row is; empty where nothing does."""
    if resource.owner in resource.belongs_to:
        return f"{resource.owner}_id"
    return {"owner_id": "owner_id", "self": "id"}.get(resource.owner, "")


def anonymous_readers(blueprint: Blueprint, resource: Resource) -> bool:
    """Whether somebody without a token can ask for rows of a resource on the way to another."""
    return any(
        _reads_it(other, relation) for other, relation in references(blueprint, resource) if not other.tenant
    ) or any(
        other.operations.update is not None and other.operations.update.public
        for other in blueprint.resources.values()
        for link in other.many_to_many.values()
        if link.resource == resource.name
    )


def references(blueprint: Blueprint, resource: Resource) -> Iterator[tuple[Resource, str]]:
    """The ``belongs_to`` relations that lead to a resource, with whose they are."""
    for other in blueprint.resources.values():
        for name, relation in other.belongs_to.items():
            if relation.resource == resource.name:
                yield other, name


def _reads_it(child: Resource, name: str) -> bool:
    relation, offered = child.belongs_to[name], child.operations
    listed = relation.nested and offered.list is not None and offered.list.public
    created = offered.create is not None and offered.create.public
    return listed or created or (changeable(child, name, relation) and bool(offered.update and offered.update.public))


def changeable(child: Resource, name: str, relation: BelongsTo) -> bool:
    """Whether an update may set a relation."""
    return not relation.immutable and name != child.owner
