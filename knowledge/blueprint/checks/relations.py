"""Relations: what they point to, whether a first row can ever exist, and that they stay within a tenant."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.blueprint.model import BelongsTo, Blueprint, OnDelete, Resource
from knowledge.blueprint.problems import Path, Problem, choice, quoted


def check_relations(blueprint: Blueprint) -> Iterator[Problem]:
    """Every relation, and the cycles they make."""
    for key, resource in blueprint.resources.items():
        path = ("resources", key)
        nested: dict[str, str] = {}
        for name, relation in resource.belongs_to.items():
            where = (*path, "belongs_to", name)
            yield from _target(where, blueprint, resource, relation.resource)
            yield from _belongs_to(where, relation)
            yield from _nested(where, resource, name, relation, nested)
        for name, link in resource.many_to_many.items():
            where = (*path, "many_to_many", name)
            yield from _target(where, blueprint, resource, link.resource)
            yield from _many_to_many(where, blueprint, resource, link.resource)
    yield from _cycles(blueprint)


def _target(path: Path, blueprint: Blueprint, resource: Resource, target: str) -> Iterator[Problem]:
    where = (*path, "resource")
    other = blueprint.resources.get(target)
    if other is None:
        remedy = choice(target, list(blueprint.resources), "Write the name of a resource.")
        yield Problem(where, f"There is no resource {quoted(target)}.", remedy)
    elif other.tenant and not resource.tenant:
        # Callers of every tenant read the row, so its key and what is embedded by it would tell of another tenant.
        told = f"Rows of {resource.name} are seen by all tenants, those of {target} by one."
        yield Problem(where, told, f"Write tenant: true for {resource.name}, or delete the relation.")


def _belongs_to(path: Path, relation: BelongsTo) -> Iterator[Problem]:
    if relation.on_delete is OnDelete.SET_NULL and relation.required:
        told = "set_null empties the relation, but it is required."
        yield Problem((*path, "on_delete"), told, "Write required: false, or on_delete: restrict or cascade.")


def _nested(
    path: Path, resource: Resource, name: str, relation: BelongsTo, nested: dict[str, str]
) -> Iterator[Problem]:
    if not relation.nested:
        return
    where = (*path, "nested")
    if nested.setdefault(relation.resource, name) != name:
        told = f"The relation {nested[relation.resource]} is nested in {relation.resource} already; paths would clash."
        yield Problem(where, told, "Write nested: true for one of the two.")
    if resource.operations.list is None and resource.operations.create is None:
        told = f"Nothing can be nested: {resource.name} has neither list nor create."
        yield Problem(where, told, "Delete nested, or write operations.list or operations.create.")


def _many_to_many(path: Path, blueprint: Blueprint, resource: Resource, target: str) -> Iterator[Problem]:
    if target == resource.name:
        told = "A many-to-many relation cannot lead to its own resource."
        remedy = "Write a resource for the link, with two belongs_to relations."
        yield Problem((*path, "resource"), told, remedy)
    elif target in blueprint.resources and resource.name > target:
        back = blueprint.resources[target].many_to_many
        if any(link.resource == resource.name for link in back.values()):
            told = f"{target} has a many-to-many relation to {resource.name}; this would be a second table of links."
            yield Problem((*path, "resource"), told, "Delete one of the two.")
    if resource.operations.get is None:
        told = f"Whoever may get a row may list its links, but {resource.name} has no get."
        yield Problem(path, told, "Write operations.get, or delete the relation.")


def _cycles(blueprint: Blueprint) -> Iterator[Problem]:
    """Required relations that lead back to their resource: no first row could be made."""
    needs = {
        key: {rel.resource for rel in resource.belongs_to.values() if rel.required}
        for key, resource in blueprint.resources.items()
    }
    told: set[str] = set()
    for key, resource in blueprint.resources.items():
        for name, relation in resource.belongs_to.items():
            way = _way(needs, relation.resource, key) if relation.required and key not in told else ()
            if not way:
                continue
            told.update(way)
            message = f"A row of {key} would need one before it: {' -> '.join((key, *way))}."
            path = ("resources", key, "belongs_to", name, "required")
            yield Problem(path, message, "Write required: false for one of these relations.")


def _way(needs: dict[str, set[str]], start: str, end: str) -> tuple[str, ...]:
    """Resources that required relations lead through, from one to another, the shortest way; empty for none."""
    ways: list[tuple[str, ...]] = [(start,)]
    seen = {start}
    for way in ways:
        if way[-1] == end:
            return way
        unseen = sorted(needs.get(way[-1], set()) - seen)
        seen.update(unseen)
        ways += [(*way, resource) for resource in unseen]
    return ()
