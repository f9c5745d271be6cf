"""An operation as a sequence diagram: who talks to whom, and where it may end early."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.blueprint.answers import CREATES, LISTS, READS, success
from knowledge.blueprint.model import Blueprint, Resource
from knowledge.blueprint.operations import CachePolicy, Idempotency
from knowledge.blueprint.routes import Route, RouteKind


def sequence_diagram(blueprint: Blueprint, route: Route) -> str:
    """A Mermaid sequence diagram of one route."""
    lines = ["sequenceDiagram", *(f"    {line}" for line in _lines(blueprint, route))]
    return "\n".join(lines) + "\n"


def _lines(blueprint: Blueprint, route: Route) -> Iterator[str]:
    resource, policy = blueprint.resources[route.resource], cache_of(route)
    limit = route.operation.rate_limit or blueprint.rate_limit
    yield "participant C as Client"
    if policy.shared_max_age:
        yield "participant N as CDN"
    yield "participant A as API"
    if policy.server:
        yield "participant K as Cache"
    yield "participant D as Database"
    caller = "N" if policy.shared_max_age else "C"
    yield f"C->>{'N' if caller == 'N' else 'A'}: {route.method} {route.path}"
    if caller == "N":
        yield f"Note over N: fresh for {policy.shared_max_age} s"
        yield f"N->>A: {route.method} {route.path}"
    yield f"A-->>{caller}: 429 RATE_LIMITED after {limit.requests} in {limit.seconds} s"
    if not route.operation.public:
        yield f"A-->>{caller}: 401 UNAUTHENTICATED without a valid token"
    yield f"A-->>{caller}: 422 VALIDATION_ERROR, details name the fields"
    if policy.server:
        yield f"A->>K: kept for {policy.server} s?"
        yield f"K-->>{caller}: 200 from the cache"
    yield from _work(blueprint, route, resource, caller)
    yield f"A-->>{caller}: {_success(route, resource)}"
    if caller == "N":
        yield "N-->>C: the same, kept"


def cache_of(route: Route) -> CachePolicy:
    """How long answers of a route may be kept."""
    kept = route.kind is not RouteKind.LINKED
    return getattr(route.operation, "cache", CachePolicy()) if kept else CachePolicy()


def _work(blueprint: Blueprint, route: Route, resource: Resource, caller: str) -> Iterator[str]:
    if route.kind in (RouteKind.NESTED_LIST, RouteKind.NESTED_CREATE):
        parent = blueprint.resources[route.other].name
        yield f"A->>D: SELECT the {parent}"
        yield f"A-->>{caller}: 404 NOT_FOUND where there is none the caller may read"
    if route.kind in LISTS:
        yield "A->>D: SELECT one page (limit + 1 rows, or rows and total)"
    elif route.kind is RouteKind.GET:
        yield "A->>D: SELECT the row"
        yield f"A-->>{caller}: 404 NOT_FOUND where there is none the caller may read"
    if route.kind in READS:
        yield f"A-->>{caller}: 304 where If-None-Match names the ETag"
        return
    yield "A->>D: BEGIN"
    if route.kind in CREATES and getattr(route.operation, "idempotency", Idempotency.NONE) is not Idempotency.NONE:
        yield "A->>D: claim the Idempotency-Key"
        yield f"D-->>{caller}: the first answer again, 409 while it runs, 422 for another body"
    if resource.optimistic_locking and route.kind in (RouteKind.UPDATE, RouteKind.DELETE):
        yield f"A-->>{caller}: 428 without If-Match, 412 where it is stale"
    yield f"A->>D: {_statement(route, resource)}"
    event = {RouteKind.UPDATE: "updated", RouteKind.DELETE: "deleted"}.get(route.kind, "created")
    if route.kind in (*CREATES, RouteKind.UPDATE, RouteKind.DELETE) and event in resource.events:
        yield f"A->>D: INSERT INTO outbox {resource.name}.{event}"
    yield "A->>D: COMMIT"


def _statement(route: Route, resource: Resource) -> str:
    if route.kind in CREATES or route.kind is RouteKind.LINK:
        return "INSERT"
    if route.kind is RouteKind.DELETE and resource.soft_delete:
        return "UPDATE deleted_at"
    return "UPDATE" if route.kind is RouteKind.UPDATE else "DELETE"


def _success(route: Route, resource: Resource) -> str:
    if route.kind in LISTS:
        return "200 data and meta, ETag, Cache-Control"
    if route.kind in CREATES:
        return "201 with Location"
    shown = ", ETag" if route.kind is RouteKind.GET or resource.optimistic_locking else ""
    return f"{success(route)}{shown if success(route) == 200 else ''}"
