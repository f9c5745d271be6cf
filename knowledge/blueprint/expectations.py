"""Who may do what: the answers the wire contract promises to every kind of caller.

What is promised is meant for requests that are in order otherwise: a valid body whose references are rows the
caller may read, an ``If-Match`` with the current version, an ``Idempotency-Key``, no row that holds back a delete
(``restrict``), and, where a resource is owned by ``self``, callers who have their own row. The row in question
exists, and so does its parent; both belong to the caller ``owner`` where their resource knows owners, and to that
caller's tenant where it knows tenants.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from knowledge.blueprint.model import Blueprint, Resource
from knowledge.blueprint.operations import Operation
from knowledge.blueprint.routes import Route, RouteKind, routes


class CallerKind(StrEnum):
    """Callers that are told apart."""

    ANONYMOUS = "anonymous"
    """No token."""
    OWNER = "owner"
    """Whose the row is; no roles."""
    OTHER = "other"
    """Somebody else of the same tenant; no roles."""
    OTHER_TENANT = "other_tenant"
    """Somebody of another tenant; no roles. Where no rows belong to tenants, as ``other``."""
    ADMIN = "admin"
    """Somebody else of the owner's tenant, with all roles the operation's access rules name."""


@dataclass(frozen=True)
class Expectation:
    """What one caller gets from one route."""

    route: Route
    caller: CallerKind
    statuses: frozenset[int]
    """Any of these. More than one where the order of two refusals is not promised."""
    listed: bool | None = None
    """Of lists that answer 200: whether the row is among the rows, page by page."""


_DONE = {
    RouteKind.LIST: 200,
    RouteKind.GET: 200,
    RouteKind.CREATE: 201,
    RouteKind.UPDATE: 200,
    RouteKind.DELETE: 204,
    RouteKind.NESTED_LIST: 200,
    RouteKind.NESTED_CREATE: 201,
    RouteKind.LINKED: 200,
    RouteKind.LINK: 204,
    RouteKind.UNLINK: 204,
}


def access_matrix(blueprint: Blueprint) -> tuple[Expectation, ...]:
    """Every route with every kind of caller."""
    return tuple(expected(blueprint, route, caller) for route in routes(blueprint) for caller in CallerKind)


def expected(blueprint: Blueprint, route: Route, caller: CallerKind) -> Expectation:
    """What one caller gets from one route."""
    resource = blueprint.resources[route.resource]
    if caller is CallerKind.ANONYMOUS and not route.operation.public:
        return Expectation(route, caller, frozenset({401}))
    if route.kind in (RouteKind.LIST, RouteKind.NESTED_LIST):
        return _list(blueprint, route, caller, resource)
    if route.kind in (RouteKind.CREATE, RouteKind.NESTED_CREATE):
        return _create(blueprint, route, caller, resource)
    return _row(route, caller, resource)


def _list(blueprint: Blueprint, route: Route, caller: CallerKind, resource: Resource) -> Expectation:
    refused = _refusals(blueprint, route, caller)
    if refused:
        return Expectation(route, caller, refused)
    return Expectation(route, caller, frozenset({200}), listed=_on_row(route.operation, caller, resource))


def _create(blueprint: Blueprint, route: Route, caller: CallerKind, resource: Resource) -> Expectation:
    refused = _refusals(blueprint, route, caller)
    if not refused and resource.owner == route.relation != "" and caller is not CallerKind.OWNER:
        refused = frozenset({403})  # a row is made in the caller's own name, and the parent is somebody else
    if not refused and resource.owner == "self":
        refused = frozenset({409})  # the caller's row exists
    return Expectation(route, caller, refused or frozenset({_DONE[route.kind]}))


def _row(route: Route, caller: CallerKind, resource: Resource) -> Expectation:
    if _on_row(route.operation, caller, resource):
        listed = True if route.kind is RouteKind.LINKED else None
        return Expectation(route, caller, frozenset({_DONE[route.kind]}), listed=listed)
    reading = route.kind in (RouteKind.GET, RouteKind.LINKED)
    seen = not reading and resource.reading is not None and _readable(route, caller, resource)
    return Expectation(route, caller, frozenset({403 if seen else 404}))


def _refusals(blueprint: Blueprint, route: Route, caller: CallerKind) -> frozenset[int]:
    """Why a collection answers no: no rule lets the caller in whatever the row, or the parent is not theirs to see."""
    refused = set()
    if not _lets_in(route.operation, caller):
        refused.add(403)
    if route.relation and not _readable(route, caller, blueprint.resources[route.other]):
        refused.add(404)
    return frozenset(refused)


def _lets_in(operation: Operation, caller: CallerKind) -> bool:
    """Whether a rule lets the caller list some rows, or make one."""
    if caller is CallerKind.ANONYMOUS:
        return operation.public
    by_role = caller is CallerKind.ADMIN and bool(operation.roles)
    return by_role or not {"public", "authenticated", "tenant", "owner"}.isdisjoint(operation.access)


def _readable(route: Route, caller: CallerKind, resource: Resource) -> bool:
    """Whether the caller may read the row of a resource, holding the roles that the route names.

    Of a resource that has no way to read, every row of the caller's tenant counts as readable.
    """
    if resource.reading is None:
        return not (resource.tenant and caller in (CallerKind.OTHER_TENANT, CallerKind.ANONYMOUS))
    return _on_row(resource.reading, caller, resource, roles=route.operation.roles)


def _on_row(
    operation: Operation, caller: CallerKind, resource: Resource, *, roles: tuple[str, ...] | None = None
) -> bool:
    """Whether a rule lets the caller do the operation with the row; ``roles`` are those an admin holds."""
    if operation.public:
        return True
    if caller is CallerKind.ANONYMOUS or (resource.tenant and caller is CallerKind.OTHER_TENANT):
        return False
    if not {"authenticated", "tenant"}.isdisjoint(operation.access):
        return True
    if operation.owner and caller is CallerKind.OWNER:
        return True
    held = operation.roles if roles is None else roles
    return caller is CallerKind.ADMIN and not set(held).isdisjoint(operation.roles)
