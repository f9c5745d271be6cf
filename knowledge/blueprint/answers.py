"""What an operation can answer: its success, its errors and their codes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from knowledge.blueprint.expectations import CallerKind, expected
from knowledge.blueprint.model import Blueprint, OnDelete, Resource
from knowledge.blueprint.operations import Idempotency, ListOperation, Operation, Pagination
from knowledge.blueprint.routes import Route, RouteKind

LISTS: Final = frozenset({RouteKind.LIST, RouteKind.NESTED_LIST, RouteKind.LINKED})
CREATES: Final = frozenset({RouteKind.CREATE, RouteKind.NESTED_CREATE})
READS: Final = LISTS | {RouteKind.GET}
ANYWHERE: Final = (429, 500, 503)
"""What any operation can answer."""

_WIDE: Final = frozenset({"public", "authenticated", "tenant"})
"""Access rules that look at no row and ask for no role."""

MEANINGS: Final[Mapping[int, str]] = MappingProxyType(
    {
        400: "The request cannot be understood",
        401: "No valid credentials",
        403: "The caller may not do this",
        404: "There is no such resource",
        409: "The request contradicts what is stored",
        412: "The resource has changed since",
        413: "The body is too long",
        415: "The body is not JSON",
        422: "Parts of the request are not valid",
        428: "If-Match is required",
        429: "Too many requests",
        500: "Something went wrong",
        503: "Temporarily unavailable",
    }
)

_CODES: Final[Mapping[int, str]] = MappingProxyType(
    {
        400: "BAD_REQUEST",
        401: "UNAUTHENTICATED",
        403: "FORBIDDEN",
        404: "NOT_FOUND",
        409: "CONFLICT",
        412: "PRECONDITION_FAILED",
        413: "PAYLOAD_TOO_LARGE",
        415: "UNSUPPORTED_MEDIA_TYPE",
        422: "VALIDATION_ERROR",
        428: "PRECONDITION_REQUIRED",
        429: "RATE_LIMITED",
        500: "INTERNAL_ERROR",
        503: "UNAVAILABLE",
    }
)


def success(route: Route) -> int:
    """The status of an operation that did what it was asked."""
    if route.kind in CREATES:
        return 201
    return 200 if route.kind in READS or route.kind is RouteKind.UPDATE else 204


def errors(blueprint: Blueprint, route: Route) -> tuple[int, ...]:
    """The statuses of its errors, those that any operation can answer included, in ascending order."""
    return tuple(sorted({422, *ANYWHERE, *_errors(blueprint, route)}))


def codes(blueprint: Blueprint, route: Route, status: int) -> tuple[str, ...]:
    """The values of ``error.code`` that its answers with ``status`` can have."""
    idempotency = _idempotency(route)
    found = []
    if status != 400 or route.kind in (*CREATES, RouteKind.UPDATE) or _by_cursor(blueprint, route):
        found.append(_CODES[status])
    if status == 400 and idempotency is Idempotency.REQUIRED:
        found.append("IDEMPOTENCY_KEY_REQUIRED")
    if status == 409 and idempotency is not Idempotency.NONE:
        found = [*(found if _contradicts(blueprint, route) else []), "IDEMPOTENCY_IN_PROGRESS"]
    if status == 422 and idempotency is not Idempotency.NONE:
        found.append("IDEMPOTENCY_MISMATCH")
    return tuple(found)


def _errors(blueprint: Blueprint, route: Route) -> Iterator[int]:
    kind, resource = route.kind, blueprint.resources[route.resource]
    if not route.operation.public:
        yield 401
    if _forbids(blueprint, route, resource):
        yield 403
    if kind not in (RouteKind.LIST, RouteKind.CREATE):
        yield 404
    if kind in (RouteKind.LIST, RouteKind.NESTED_LIST) and _by_cursor(blueprint, route):
        yield 400
    if kind in (*CREATES, RouteKind.UPDATE):
        yield from (400, 413, 415)
    if _contradicts(blueprint, route) or _idempotency(route) is not Idempotency.NONE:
        yield 409
    if resource.optimistic_locking and kind in (RouteKind.UPDATE, RouteKind.DELETE):
        yield from (412, 428)


def _forbids(blueprint: Blueprint, route: Route, resource: Resource) -> bool:
    """Whether some caller is told that they may not; one without a tenant always is where rows belong to tenants."""
    parents = route.kind in (RouteKind.NESTED_LIST, RouteKind.NESTED_CREATE)
    if resource.tenant or (parents and blueprint.resources[route.other].tenant):
        return True
    if parents or route.kind in (RouteKind.LIST, RouteKind.CREATE):
        return any(403 in expected(blueprint, route, caller).statuses for caller in CallerKind)
    return route.kind not in READS and _readable_by_more(resource, route.operation)


def _readable_by_more(resource: Resource, change: Operation) -> bool:
    """Whether somebody may read a row who may not change it; whoever may not even read it is told there is none."""
    reading = resource.reading
    if reading is None or not _WIDE.isdisjoint(change.access):
        return False
    return not _WIDE.isdisjoint(reading.access) or (reading.owner, reading.roles) != (change.owner, change.roles)


def _contradicts(blueprint: Blueprint, route: Route) -> bool:
    """Whether what is stored can stand against the request."""
    resource = blueprint.resources[route.resource]
    unique = any(spec.unique for spec in resource.fields.values()) or bool(resource.unique)
    if route.kind in CREATES:
        return unique or resource.owner == "self"
    if route.kind is RouteKind.UPDATE:
        return unique
    return route.kind is RouteKind.DELETE and _kept(blueprint, resource, frozenset())


def _kept(blueprint: Blueprint, resource: Resource, seen: frozenset[str]) -> bool:
    """Whether other rows can keep a row from being deleted, or one that goes with it."""
    for child in blueprint.resources.values():
        for relation in child.belongs_to.values():
            if relation.resource != resource.name:
                continue
            if relation.on_delete is OnDelete.RESTRICT:
                return True
            going = relation.on_delete is OnDelete.CASCADE and child.name not in seen
            if going and _kept(blueprint, child, seen | {resource.name, child.name}):
                return True
    return False


def _idempotency(route: Route) -> Idempotency:
    return getattr(route.operation, "idempotency", Idempotency.NONE) if route.kind in CREATES else Idempotency.NONE


def _by_cursor(blueprint: Blueprint, route: Route) -> bool:
    listing: ListOperation | None = blueprint.resources[route.resource].operations.list
    listed = route.kind in (RouteKind.LIST, RouteKind.NESTED_LIST)
    return listed and listing is not None and listing.pagination is Pagination.CURSOR
