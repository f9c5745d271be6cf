"""The errors an operation can answer with, besides those that any can (429, 500, 503)."""

from __future__ import annotations

from collections.abc import Iterator

from backend.scaffold.rendering.access import references
from backend.scaffold.rendering.view import View
from knowledge.blueprint.model import Blueprint, OnDelete, Resource
from knowledge.blueprint.operations import Idempotency
from knowledge.blueprint.routes import Route, RouteKind

_LISTS = (RouteKind.LIST, RouteKind.NESTED_LIST)
_CREATES = (RouteKind.CREATE, RouteKind.NESTED_CREATE)


def statuses(view: View, route: Route) -> tuple[int, ...]:
    """In ascending order."""
    return tuple(sorted({422, *_statuses(view, route)}))


def _statuses(view: View, route: Route) -> Iterator[int]:
    kind, operation = route.kind, route.operation
    if not operation.public:
        yield 401
    if view.tenant or _refuses(view, route):
        yield 403
    if kind not in (RouteKind.LIST, RouteKind.CREATE):
        yield 404
    if kind in _LISTS and view.by_cursor:
        yield 400
    if kind in (*_CREATES, RouteKind.UPDATE):
        yield from (400, 413, 415)
    if kind in _CREATES and _conflicts(view):
        yield 409
    unique = any(spec.unique for spec in view.specs.values()) or bool(view.resource.unique)
    if kind is RouteKind.UPDATE and unique:
        yield 409
    if kind is RouteKind.DELETE and _in_use(view.blueprint, view.resource):
        yield 409
    if view.locking and kind in (RouteKind.UPDATE, RouteKind.DELETE):
        yield from (412, 428)


def _refuses(view: View, route: Route) -> bool:
    """Whether callers are told that they may not, rather than that there is nothing."""
    operation, kind = route.operation, route.kind
    if kind in (*_LISTS, *_CREATES):
        own = kind is RouteKind.NESTED_CREATE and route.relation == view.resource.owner
        parent_tenant = bool(route.relation) and view.of(route.other).tenant
        return own or parent_tenant or (bool(operation.roles) and not operation.owner)
    if kind in (RouteKind.GET, RouteKind.LINKED):
        return False
    rule = view.removal if kind is RouteKind.DELETE else view.change
    return rule is not None and bool(rule.test) and "ForbiddenError" in view.refusal(rule)


def _conflicts(view: View) -> bool:
    create = view.operations.create
    unique = any(spec.unique for spec in view.specs.values()) or bool(view.resource.unique)
    kept = create is not None and create.idempotency is not Idempotency.NONE
    return unique or kept or view.resource.owner == "self"


def _in_use(blueprint: Blueprint, resource: Resource, seen: frozenset[str] = frozenset()) -> bool:
    """Whether other rows can keep a row from being deleted, or one that goes with it."""
    for child, name in references(blueprint, resource):
        on_delete = child.belongs_to[name].on_delete
        if on_delete is OnDelete.RESTRICT:
            return True
        going = on_delete is OnDelete.CASCADE and child.name not in seen
        if going and _in_use(blueprint, child, seen | {resource.name, child.name}):
            return True
    return False
