"""The operations a blueprint's API has on the wire: their names, methods and paths."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from knowledge.blueprint.model import Blueprint, Resource
from knowledge.blueprint.operations import Operation


class RouteKind(StrEnum):
    """What a route does."""

    LIST = "list"
    GET = "get"
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    NESTED_LIST = "nested_list"
    NESTED_CREATE = "nested_create"
    LINKED = "linked"
    """The rows of a many-to-many relation."""
    LINK = "link"
    UNLINK = "unlink"


@dataclass(frozen=True)
class Route:
    """One operation of the API.

    ``resource`` is whose rows are read or written; for ``linked``, ``link`` and ``unlink`` it is the resource that has
    the relation. ``relation`` is the ``belongs_to`` relation of a nested route or the many-to-many relation; ``other``
    is the parent or the resource linked to. ``operation`` holds the access rules that count.
    """

    operation_id: str
    kind: RouteKind
    method: str
    path: str
    resource: str
    operation: Operation
    relation: str = ""
    other: str = ""


def routes(blueprint: Blueprint) -> tuple[Route, ...]:
    """All routes, resource by resource; the names of resources must be filled in, as the reader does."""
    return tuple(route for resource in blueprint.resources.values() for route in _of(blueprint, resource))


def _of(blueprint: Blueprint, resource: Resource) -> Iterator[Route]:
    name, plural, offered = resource.name, resource.plural, resource.operations
    rows = f"{blueprint.prefix}/{resource.path}"
    row = f"{rows}/{{{resource.id_parameter}}}"
    if offered.list:
        yield Route(f"list_{plural}", RouteKind.LIST, "GET", rows, name, offered.list)
    if offered.create:
        yield Route(f"create_{name}", RouteKind.CREATE, "POST", rows, name, offered.create)
    if offered.get:
        yield Route(f"get_{name}", RouteKind.GET, "GET", row, name, offered.get)
    if offered.update:
        yield Route(f"update_{name}", RouteKind.UPDATE, "PATCH", row, name, offered.update)
    if offered.delete:
        yield Route(f"delete_{name}", RouteKind.DELETE, "DELETE", row, name, offered.delete)
    yield from _nested(blueprint, resource)
    for relation, link in resource.many_to_many.items():
        yield from _linked(resource, row, relation, blueprint.resources[link.resource])


def _nested(blueprint: Blueprint, child: Resource) -> Iterator[Route]:
    for relation, belongs in child.belongs_to.items():
        if not belongs.nested:
            continue
        parent = blueprint.resources[belongs.resource]
        path = f"{blueprint.prefix}/{parent.path}/{{{parent.id_parameter}}}/{child.path}"
        if listing := child.operations.list:
            name = f"list_{parent.name}_{child.plural}"
            yield Route(name, RouteKind.NESTED_LIST, "GET", path, child.name, listing, relation, parent.name)
        if create := child.operations.create:
            name = f"create_{parent.name}_{child.name}"
            yield Route(name, RouteKind.NESTED_CREATE, "POST", path, child.name, create, relation, parent.name)


def _linked(resource: Resource, row: str, relation: str, other: Resource) -> Iterator[Route]:
    path = f"{row}/{relation.replace('_', '-')}"
    name, end = resource.name, (relation, other.name)
    if get := resource.operations.get:
        yield Route(f"list_{name}_{relation}", RouteKind.LINKED, "GET", path, name, get, *end)
    if update := resource.operations.update:
        one = f"{path}/{{{other.id_parameter}}}"
        suffix = f"{name}_{other.name if relation == other.plural else relation}"
        yield Route(f"link_{suffix}", RouteKind.LINK, "PUT", one, name, update, *end)
        yield Route(f"unlink_{suffix}", RouteKind.UNLINK, "DELETE", one, name, update, *end)
