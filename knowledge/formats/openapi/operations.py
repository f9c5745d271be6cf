"""One operation of the contract: parameters, body, every answer with its headers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from knowledge.blueprint.answers import CREATES, LISTS, MEANINGS, READS, codes, errors, success
from knowledge.blueprint.model import Blueprint, Resource
from knowledge.blueprint.operations import Idempotency, ListOperation, Pagination
from knowledge.blueprint.routes import Route, RouteKind
from knowledge.blueprint.table import foreign_column
from knowledge.formats.openapi.components import embedded, reference
from knowledge.formats.openapi.values import NO_NUL, JsonSchema, asked, uuid

MAX_PAGE: Final = 1_000_000
MAX_CURSOR: Final = 200
MAX_SEARCH: Final = 100
MAX_KEY: Final = 255


def operation(blueprint: Blueprint, route: Route) -> JsonSchema:
    """The operation object of a route."""
    found: JsonSchema = {
        "operationId": route.operation_id,
        "summary": summary(blueprint, route),
        "description": _description(blueprint, route),
        "tags": [blueprint.resources[route.resource].plural],
        "security": [] if route.operation.public else [{"bearer": []}],
    }
    if told := route.operation.deprecated:
        found["deprecated"] = True
        days = {"since": told.since, "sunset": told.sunset, "link": told.link}
        found["x-deprecation"] = {name: str(value) for name, value in days.items() if value}
    if parameters := list(_parameters(blueprint, route)):
        found["parameters"] = parameters
    if body := body_schema(blueprint, route):
        found["requestBody"] = {"required": True, "content": {"application/json": {"schema": reference(body)}}}
    found["responses"] = dict(_responses(blueprint, route))
    return found


def summary(blueprint: Blueprint, route: Route) -> str:
    """What the operation does, in one short sentence."""
    resource = blueprint.resources[route.resource]
    one, many = resource.spoken_with_article, resource.plural.replace("_", " ")
    other = blueprint.resources[route.other].spoken_with_article if route.other else ""
    linked = route.relation.replace("_", " ")
    return {
        RouteKind.LIST: f"List {many}, newest first.",
        RouteKind.GET: f"Get {one}.",
        RouteKind.CREATE: f"Create {one}.",
        RouteKind.UPDATE: f"Change the given fields of {one}.",
        RouteKind.DELETE: f"Delete {one}.",
        RouteKind.NESTED_LIST: f"List the {many} of {other}.",
        RouteKind.NESTED_CREATE: f"Create {one} of {other}.",
        RouteKind.LINKED: f"List the {linked} of {one}, newest first.",
        RouteKind.LINK: f"Add to the {linked} of {one}.",
        RouteKind.UNLINK: f"Take away from the {linked} of {one}.",
    }[route.kind]


def body_schema(blueprint: Blueprint, route: Route) -> str:
    """Name of the schema of the request body; empty where there is none."""
    resource = blueprint.resources[route.resource]
    if route.kind is RouteKind.UPDATE:
        return f"{resource.class_name}Update"
    if route.kind not in CREATES:
        return ""
    nested = route.kind is RouteKind.NESTED_CREATE and route.relation != resource.owner
    parent = blueprint.resources[route.other].class_name if nested else ""
    return f"{parent}{resource.class_name}Create"


def answer_schema(blueprint: Blueprint, route: Route) -> str:
    """Name of the schema of the successful answer; empty where it has no body."""
    resource = blueprint.resources[route.resource]
    if success(route) == 204:
        return ""
    if route.kind is RouteKind.LINKED:
        return f"{blueprint.resources[route.other].class_name}Page"
    if route.kind in LISTS:
        item = "ListItem" if embedded(resource) else ""
        return f"{resource.class_name}{item}{'Slice' if by_cursor(resource) else 'Page'}"
    return f"{resource.class_name}Envelope"


def by_cursor(resource: Resource) -> bool:
    """Whether the resource's list is walked by cursor."""
    listing = resource.operations.list
    return listing is not None and listing.pagination is Pagination.CURSOR


def _description(blueprint: Blueprint, route: Route) -> str:
    """Effect, who may, repetition: what somebody needs to know before calling."""
    resource = blueprint.resources[route.resource]
    parts = [summary(blueprint, route), f"Access: {', '.join(route.operation.access)}."]
    if route.kind in CREATES:
        parts.append(
            {
                Idempotency.NONE: "Not idempotent: a repetition makes another row.",
                Idempotency.OPTIONAL: "With an Idempotency-Key a repetition gets the first answer again.",
                Idempotency.REQUIRED: "Needs an Idempotency-Key; a repetition gets the first answer again.",
            }[_idempotency(route)]
        )
    if route.kind is RouteKind.DELETE and resource.soft_delete:
        parts.append("The row is marked as deleted and shown to nobody.")
    if limit := route.operation.rate_limit:
        parts.append(f"At most {limit.requests} requests in {limit.seconds} s.")
    return " ".join(parts)


def _parameters(blueprint: Blueprint, route: Route) -> Iterator[JsonSchema]:
    resource = blueprint.resources[route.resource]
    for name in _in_path(route):
        of = f"The {name.removesuffix('_id').replace('_', ' ')}."
        yield {"name": name, "in": "path", "required": True, "description": of, "schema": uuid()}
    if route.kind in LISTS:
        yield from _list_parameters(resource, route)
    if route.kind in READS:
        yield _header("If-None-Match", "An ETag the client has: 304 while it is current.", {"type": "string"})
    if route.kind in CREATES and (kind := _idempotency(route)) is not Idempotency.NONE:
        schema = {"type": "string", "minLength": 1, "maxLength": MAX_KEY}
        yield _header(
            "Idempotency-Key",
            "Chosen by the client, one for each thing to be made.",
            schema,
            required=kind is Idempotency.REQUIRED,
        )
    if resource.optimistic_locking and route.kind in (RouteKind.UPDATE, RouteKind.DELETE):
        yield _header("If-Match", "The ETag of the version that is changed; 428 without it.", {"type": "string"})


def _list_parameters(resource: Resource, route: Route) -> Iterator[JsonSchema]:
    listing = resource.operations.list if route.kind is not RouteKind.LINKED else None
    if listing is not None and by_cursor(resource):
        yield _query(
            "cursor", {"type": "string", "minLength": 1, "maxLength": MAX_CURSOR}, "meta.next_cursor as it came."
        )
    else:
        yield _query("page", {"type": "integer", "minimum": 1, "maximum": MAX_PAGE, "default": 1}, "Counted from 1.")
    plain = ListOperation() if listing is None else listing
    limit = {"type": "integer", "minimum": 1, "maximum": plain.max_limit, "default": plain.default_limit}
    yield _query("limit", limit, "Most rows of a page.")
    if listing is None:
        return
    if listing.sort:
        orders = [f"{sign}{name}" for name in ("created_at", *listing.sort) for sign in ("", "-")]
        yield _query("sort", {"type": "string", "enum": orders, "default": "-created_at"}, "Descending with a minus.")
    if listing.search:
        schema = {"type": "string", "minLength": 1, "maxLength": MAX_SEARCH, "pattern": NO_NUL}
        yield _query("q", schema, f"Looks into {', '.join(listing.search)}, ignoring case.")
    for name in listing.filter:
        if name in resource.fields:
            yield _query(name, asked(resource.fields[name]), f"Rows whose {name} is equal.")
        else:
            yield _query(foreign_column(name), uuid(), f"Rows of one {name.replace('_', ' ')}.")


def _responses(blueprint: Blueprint, route: Route) -> Iterator[tuple[str, JsonSchema]]:
    status = success(route)
    done: JsonSchema = {"description": _done(route), "headers": dict(_headers(blueprint, route))}
    if name := answer_schema(blueprint, route):
        done["content"] = {"application/json": {"schema": reference(name)}}
    yield str(status), done
    if route.kind in READS:
        yield "304", {"description": "What If-None-Match names is still current."}
    for error in errors(blueprint, route):
        told = codes(blueprint, route, error)
        shared = {"$ref": f"#/components/responses/{told[0]}"}
        yield str(error), shared if len(told) == 1 else error_response(error, told)


def error_response(status: int, told: tuple[str, ...]) -> JsonSchema:
    """An error answer whose ``error.code`` is one of ``told``."""
    example = {"error": {"code": told[0], "message": f"{MEANINGS[status]}.", "details": []}}
    found: JsonSchema = {
        "description": f"{MEANINGS[status]} ({', '.join(told)}).",
        "content": {"application/json": {"schema": reference("ErrorEnvelope"), "example": example}},
    }
    if status in (429, 503):
        found["headers"] = {"Retry-After": {"$ref": "#/components/headers/RetryAfter"}}
    if status == 401:
        found["headers"] = {"WWW-Authenticate": {"$ref": "#/components/headers/Challenge"}}
    return found


def _done(route: Route) -> str:
    if route.kind in LISTS:
        return "A page of rows."
    return {200: "The row.", 201: "The new row.", 204: "Done; there is nothing to say."}[success(route)]


def _headers(blueprint: Blueprint, route: Route) -> Iterator[tuple[str, Any]]:
    resource = blueprint.resources[route.resource]
    if route.kind in READS or (route.kind is RouteKind.UPDATE and resource.optimistic_locking):
        yield "ETag", {"$ref": "#/components/headers/ETag"}
    if route.kind in READS:
        yield "Cache-Control", {"$ref": "#/components/headers/CacheControl"}
    if route.kind in CREATES:
        yield "Location", {"$ref": "#/components/headers/Location"}
        if _idempotency(route) is not Idempotency.NONE:
            yield "Idempotency-Replayed", {"$ref": "#/components/headers/Replayed"}
    if told := route.operation.deprecated:
        yield "Deprecation", {"$ref": "#/components/headers/Deprecation"}
        if told.sunset:
            yield "Sunset", {"$ref": "#/components/headers/Sunset"}
        if told.link:
            yield "Link", {"$ref": "#/components/headers/Link"}
    yield "RateLimit-Policy", {"$ref": "#/components/headers/RateLimitPolicy"}
    yield "RateLimit", {"$ref": "#/components/headers/RateLimit"}


def _in_path(route: Route) -> list[str]:
    return [part[1:-1] for part in route.path.split("/") if part.startswith("{")]


def _query(name: str, schema: JsonSchema, description: str) -> JsonSchema:
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema}


def _header(name: str, description: str, schema: JsonSchema, *, required: bool = False) -> JsonSchema:
    return {"name": name, "in": "header", "required": required, "description": description, "schema": schema}


def _idempotency(route: Route) -> Idempotency:
    return getattr(route.operation, "idempotency", Idempotency.NONE)
