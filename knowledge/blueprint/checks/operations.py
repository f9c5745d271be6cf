"""Operations: what a resource offers fits what it says of itself, and answers are kept only where they may be."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.blueprint.model import Blueprint, EventKind, Resource
from knowledge.blueprint.operations import CachePolicy, Operation
from knowledge.blueprint.problems import Path, Problem, quoted

_MAKES = {EventKind.CREATED: "create", EventKind.UPDATED: "update", EventKind.DELETED: "delete"}


def check_operations(blueprint: Blueprint) -> Iterator[Problem]:
    """The operations of every resource."""
    for key, resource in blueprint.resources.items():
        path = ("resources", key)
        offered = resource.operations
        if not offered.offered:
            told = f"{key} offers no operation."
            yield Problem((*path, "operations"), told, "Write one or more of list, get, create, update, delete.")
        yield from _events(path, resource)
        if resource.optimistic_locking and offered.update is None and offered.delete is None:
            told = f"Nothing demands the version: {key} has neither update nor delete."
            yield Problem((*path, "optimistic_locking"), told, "Delete it, or write operations.update.")
        if offered.update is not None and not _changeable(resource):
            told = f"No field or relation of {key} can be changed."
            yield Problem((*path, "operations", "update"), told, "Delete the operation, or make a field changeable.")
        for name, operation in offered.offered.items():
            yield from _deprecated((*path, "operations", name, "deprecated"), operation)
        if offered.list is not None:
            where = (*path, "operations", "list", "cache")
            yield from _cache(where, offered.list, offered.list.cache)
            if offered.list.owner and offered.list.cache.server:
                told = "Every owner gets another list, so the application's cache would hold one a caller."
                yield Problem((*where, "server"), told, "Delete it; write max_age for the client's own cache.")
        if offered.get is not None:
            yield from _cache((*path, "operations", "get", "cache"), offered.get, offered.get.cache)


def _deprecated(path: Path, operation: Operation) -> Iterator[Problem]:
    deprecation = operation.deprecated
    if deprecation is not None and deprecation.sunset is not None and deprecation.sunset < deprecation.since:
        told = "It would be gone before it is deprecated."
        yield Problem((*path, "sunset"), told, f"Write {deprecation.since} or a later day.")


def _events(path: Path, resource: Resource) -> Iterator[Problem]:
    for index, kind in enumerate(resource.events):
        where = (*path, "events", str(index))
        if kind in resource.events[:index]:
            yield Problem(where, f"{quoted(kind.value)} stands in the list twice.", "Delete one of the two.")
        elif _MAKES[kind] not in resource.operations.offered:
            told = f"{kind.value} never happens: {resource.name} has no {_MAKES[kind]}."
            yield Problem(where, told, f"Delete it, or write operations.{_MAKES[kind]}.")


def _changeable(resource: Resource) -> bool:
    fields = any(not spec.immutable and not spec.read_only for spec in resource.fields.values())
    relations = any(not rel.immutable and name != resource.owner for name, rel in resource.belongs_to.items())
    return fields or relations


def _cache(path: Path, operation: Operation, cache: CachePolicy) -> Iterator[Problem]:
    if cache.shared_max_age and not operation.public:
        told = "A CDN would give the answer to callers who may not read it: the operation is not public."
        yield Problem((*path, "shared_max_age"), told, "Delete it, or write access: [public].")
    if cache.stale_while_revalidate and not cache.max_age and not cache.shared_max_age:
        told = "Nothing is kept that could be stale: max_age and shared_max_age are 0."
        yield Problem((*path, "stale_while_revalidate"), told, "Delete it, or write max_age.")
