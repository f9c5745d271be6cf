"""What every caller may expect of every operation: as the blueprint promises, else as the contract lets one derive."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from backend.exercise.callers import Caller
from backend.exercise.contract import Operation, Resource
from backend.exercise.subject import Subject
from knowledge.blueprint.expectations import Expectation, access_matrix
from knowledge.blueprint.model import Blueprint
from knowledge.blueprint.routes import RouteKind

BY_BLUEPRINT = "the blueprint's access rules"
BY_SECURITY = "the operation's security in the contract"
BY_OPENNESS = "the operation has no security in the contract"
BY_OWNERSHIP = "an answer that shows or changes somebody else's row; derived, so look whether it is meant"

KINDS = {
    RouteKind.LIST: "list",
    RouteKind.NESTED_LIST: "list",
    RouteKind.GET: "get",
    RouteKind.CREATE: "create",
    RouteKind.NESTED_CREATE: "create",
    RouteKind.UPDATE: "update",
    RouteKind.DELETE: "delete",
    RouteKind.LINKED: "linked",
    RouteKind.LINK: "link",
    RouteKind.UNLINK: "unlink",
}
DONE = frozenset({200, 201, 202, 204})


@dataclass(frozen=True)
class Expected:
    """What one caller may expect of one operation."""

    operation: Operation
    resource: Resource
    kind: str
    """``list``, ``get``, ``create``, ``update``, ``delete``, ``linked``, ``link`` or ``unlink``."""
    caller: Caller
    statuses: frozenset[int]
    basis: str
    listed: bool | None = None
    own_only: bool = False
    """The row must be made by the owner itself, whose it then is."""
    own_row: str = ""
    """Name of the resource of which the caller must have its own row first."""


def expectations(subject: Subject) -> Iterator[Expected]:
    """Every operation with every caller there is."""
    if subject.blueprint is not None:
        yield from _promised(subject, subject.blueprint)
    else:
        yield from _derived(subject)


def _promised(subject: Subject, blueprint: Blueprint) -> Iterator[Expected]:
    for expectation in access_matrix(blueprint):
        route = expectation.route
        operation = subject.contract.operation(route.method, route.path)
        caller = _caller(subject, expectation)
        names = {each.name for each in subject.contract.resources}
        if operation is None or caller is None or route.resource not in names:
            continue
        wanted = blueprint.resources[route.resource]
        own = wanted.belongs_to[wanted.owner].resource if wanted.owner in wanted.belongs_to else ""
        if wanted.owner == "self":
            own = wanted.name
        yield Expected(
            operation,
            subject.contract.resource(route.resource),
            KINDS[route.kind],
            caller,
            _with_more_roles(blueprint, expectation, caller),
            BY_BLUEPRINT,
            expectation.listed,
            bool(wanted.owner),
            own if own and blueprint.resources[own].owner == "self" else "",
        )


def _with_more_roles(blueprint: Blueprint, expectation: Expectation, caller: Caller) -> frozenset[int]:
    """What is promised to somebody with the operation's roles alone; who has more may see the row, or its parent."""
    route, extra = expectation.route, set(caller.roles) - set(expectation.route.operation.roles)

    def seen(name: str) -> bool:
        reading = blueprint.resources[name].reading if name else None
        return reading is not None and not extra.isdisjoint(reading.roles)

    if expectation.statuses != {404}:
        return expectation.statuses
    within = route.kind in (RouteKind.NESTED_LIST, RouteKind.NESTED_CREATE)
    if within:
        return expectation.statuses | {403, *DONE} if seen(route.other) else expectation.statuses
    return expectation.statuses | {403} if seen(route.resource) else expectation.statuses


def _caller(subject: Subject, expectation: Expectation) -> Caller | None:
    """The caller, where what the expectation needs is at hand."""
    return subject.callers.known.get(expectation.caller.value)


def _derived(subject: Subject) -> Iterator[Expected]:
    for resource in subject.contract.resources:
        for kind, operation in _of(resource):
            for caller in subject.callers:
                found = _by_contract(subject, kind, operation, caller)
                if found is not None:
                    yield Expected(operation, resource, kind, caller, *found)


def _of(resource: Resource) -> Iterator[tuple[str, Operation]]:
    named = [
        ("list", resource.list),
        ("create", resource.create),
        ("get", resource.get),
        ("update", resource.update),
        ("delete", resource.delete),
    ]
    for each in resource.nested:
        named += [("list", each.list), ("create", each.create)]
    for link in resource.links:
        named += [("linked", link.list), ("link", link.link), ("unlink", link.unlink)]
    for kind, operation in named:
        if operation is not None:
            yield kind, operation


def _by_contract(
    subject: Subject, kind: str, operation: Operation, caller: Caller
) -> tuple[frozenset[int], str] | None:
    """What the contract alone says; ``None`` where it says nothing."""
    if caller.name == "anonymous":
        return (frozenset({401}), BY_SECURITY) if operation.needs_auth else (DONE | {409}, BY_OPENNESS)
    if caller is subject.everyday:
        return DONE | {403, 409}, BY_SECURITY if operation.needs_auth else BY_OPENNESS
    if caller.name in ("other", "other_tenant") and kind in ("update", "delete", "link", "unlink"):
        return (frozenset({403, 404}), BY_OWNERSHIP) if operation.needs_auth else None
    return None
