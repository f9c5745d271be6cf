"""What happens to rows whose parent goes, where one of the two is only marked as deleted.

The rules, so that a caller never meets a row by its deleted parent and a delete is one statement a table:
``restrict`` counts live children; ``cascade`` marks the children of a marked parent, one level deep, so they have
to be markable themselves; ``set_null`` works everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.blueprint.model import BelongsTo, Blueprint, EventKind, OnDelete, Resource
from knowledge.blueprint.problems import Path, Problem


def check_deletion(blueprint: Blueprint) -> Iterator[Problem]:
    """``on_delete`` of every relation, with ``soft_delete`` and ``events`` on both sides."""
    for key, resource in blueprint.resources.items():
        path = ("resources", key)
        if resource.soft_delete and resource.operations.delete is None:
            told = f"Nothing can be deleted softly: {key} has no delete."
            yield Problem((*path, "soft_delete"), told, "Delete it, or write operations.delete.")
        for name, relation in resource.belongs_to.items():
            parent = blueprint.resources.get(relation.resource)
            if parent is not None:
                yield from _pair((*path, "belongs_to", name, "on_delete"), blueprint, resource, relation, parent)


def _pair(
    path: Path, blueprint: Blueprint, child: Resource, relation: BelongsTo, parent: Resource
) -> Iterator[Problem]:
    if relation.on_delete is OnDelete.CASCADE:
        yield from _cascade(path, blueprint, child, parent)
    elif relation.on_delete is OnDelete.RESTRICT and child.soft_delete and not parent.soft_delete:
        told = f"Deleted rows of {child.name} stay in the table, and would hold their {parent.name} for ever."
        remedy = f"Write on_delete: cascade or set_null, or soft_delete: true for {parent.name}."
        yield Problem(path, told, remedy)


def _cascade(path: Path, blueprint: Blueprint, child: Resource, parent: Resource) -> Iterator[Problem]:
    if EventKind.DELETED in child.events:
        told = f"Rows of {child.name} that go with their {parent.name} would go without the event deleted."
        yield Problem(path, told, "Write on_delete: restrict, or take deleted out of the events.")
    if parent.soft_delete and not child.soft_delete:
        told = f"A {parent.name} is only marked as deleted, so nothing would remove its rows of {child.name}."
        yield Problem(path, told, f"Write on_delete: restrict, or soft_delete: true for {child.name}.")
    elif parent.soft_delete and (held := _held_by(blueprint, child)):
        told = f"Marking a {parent.name} marks its rows of {child.name}, and {held} depends on those in turn."
        yield Problem(path, told, f"Write on_delete: restrict here, or on_delete: set_null in {held}.")


def _held_by(blueprint: Blueprint, resource: Resource) -> str:
    """A resource whose rows would have to be looked at when rows of this one go."""
    for other in blueprint.resources.values():
        for relation in other.belongs_to.values():
            if relation.resource == resource.name and relation.on_delete is not OnDelete.SET_NULL:
                return other.name
    return ""
