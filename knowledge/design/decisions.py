"""What a design settles, and why, in one line each: the part of it that a reviewer asks about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from knowledge.blueprint.answers import CREATES, LISTS
from knowledge.blueprint.indexes import indexes
from knowledge.blueprint.model import Blueprint, Resource
from knowledge.blueprint.operations import Idempotency, ListOperation, Pagination
from knowledge.blueprint.routes import Route, RouteKind
from knowledge.design.sequence import cache_of


def decisions(blueprint: Blueprint, routes: Sequence[Route]) -> Iterator[tuple[str, str]]:
    """Topic and sentence, without repetitions, in the order a request meets them."""
    seen = set()
    for route in routes:
        for topic, text in _of(blueprint, route, blueprint.resources[route.resource]):
            if (topic, text) not in seen:
                seen.add((topic, text))
                yield topic, text


def _of(blueprint: Blueprint, route: Route, resource: Resource) -> Iterator[tuple[str, str]]:
    listing = resource.operations.list
    if route.kind in (RouteKind.LIST, RouteKind.NESTED_LIST) and listing is not None:
        yield from _list(resource, listing)
    if route.kind in (RouteKind.NESTED_LIST, RouteKind.NESTED_CREATE):
        yield "nesting", f"one level: a {route.other} the caller may not read is 404, as if there were none"
    if route.kind in CREATES:
        yield "idempotency", _idempotency(getattr(route.operation, "idempotency", Idempotency.NONE))
    if route.kind in (RouteKind.UPDATE, RouteKind.DELETE):
        yield "concurrency", _concurrency(resource)
    if route.kind is RouteKind.DELETE and resource.soft_delete:
        yield "deletion", "marks the row (deleted_at); unique values are free again, nobody sees the row"
    if route.kind in (RouteKind.GET, *LISTS):
        yield "caching", _caching(route)
    if route.kind in (*CREATES, RouteKind.UPDATE):
        yield "validation", _validation(resource)
    used = ", ".join(f"{index.name}" for index in indexes(resource))
    if used:
        yield "indexes", used


def _list(resource: Resource, listing: ListOperation) -> Iterator[tuple[str, str]]:
    if listing.pagination is Pagination.CURSOR:
        yield (
            "paging",
            (
                f"cursor over (created_at, id), limit {listing.default_limit} up to {listing.max_limit}: stable while "
                "rows come and go, and the last page costs as much as the first"
            ),
        )
    else:
        yield (
            "paging",
            (
                f"page and limit ({listing.default_limit} up to {listing.max_limit}) with meta.total: "
                "late pages read and skip all rows before them"
            ),
        )
    if listing.filter:
        yield "filters", f"{', '.join(listing.filter)}, by equality; any other parameter is 422"
    if listing.sort:
        yield "sorting", f"created_at, {', '.join(listing.sort)}, descending with a minus; ties broken by id"
    if listing.search:
        yield "search", f"q looks into {', '.join(listing.search)}, ignoring case, anywhere in the text"
    if listing.embed:
        yield "embedding", f"{', '.join(listing.embed)} come along by join: no statement a row"


def _idempotency(kind: Idempotency) -> str:
    return {
        Idempotency.NONE: "none: a repeated POST makes another row",
        Idempotency.OPTIONAL: "optional Idempotency-Key: the first answer again; 409 while it runs, 422 if reused",
        Idempotency.REQUIRED: "Idempotency-Key demanded (400 without): one row however often it is sent",
    }[kind]


def _concurrency(resource: Resource) -> str:
    if resource.optimistic_locking:
        return "If-Match with the row's ETag: 428 without, 412 when stale"
    return "last write wins; optimistic_locking: true demands If-Match instead"


def _caching(route: Route) -> str:
    policy = cache_of(route)
    layers = [
        f"application {policy.server} s" if policy.server else "",
        f"browser {policy.max_age} s" if policy.max_age else "",
        f"CDN {policy.shared_max_age} s" if policy.shared_max_age else "",
    ]
    kept = ", ".join(layer for layer in layers if layer)
    who = "public" if route.operation.public else "private"
    return f"{who}, {kept}; ETag and 304" if kept else f"{who}, no-cache: ETag and 304, asked for each time"


def _validation(resource: Resource) -> str:
    told = []
    for name, spec in resource.fields.items():
        if spec.read_only:
            continue
        bounds = [spec.type.value]
        if spec.max_length:
            bounds.append(f"<= {spec.max_length}")
        if spec.values:
            bounds.append("|".join(spec.values))
        told.append(f"{name} {' '.join(bounds)}")
    return f"{', '.join(told)}; unknown fields are 422"
