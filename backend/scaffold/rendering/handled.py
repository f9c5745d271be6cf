"""What is known of an operation, whatever language its route is written in."""

from __future__ import annotations

from typing import Final

from backend.scaffold.rendering.caching import dropped
from backend.scaffold.rendering.view import View
from knowledge.blueprint.routes import Route, RouteKind

LISTS: Final = (RouteKind.LIST, RouteKind.NESTED_LIST, RouteKind.LINKED)
CREATES: Final = (RouteKind.CREATE, RouteKind.NESTED_CREATE)
GONE: Final = (RouteKind.DELETE, RouteKind.LINK, RouteKind.UNLINK)
"""Those that leave nothing to show."""


class Handled:
    """What the kinds of routes have in common, and where they differ."""

    def __init__(self, view: View, route: Route) -> None:
        self.view, self.route, self.kind = view, route, route.kind
        self.create, self.update = view.operations.create, view.operations.update
        self.nested = route.kind in (RouteKind.NESTED_LIST, RouteKind.NESTED_CREATE)
        self.parent = view.of(route.other) if self.nested else None
        self.link = (
            next((link for link in view.links if link.name == route.relation), None) if not self.nested else None
        )

    def summary(self) -> str:
        """The docstring, which is the documentation as well."""
        view = self.view
        link = self.link.name.replace("_", " ") if self.link else ""
        return {
            RouteKind.LIST: f"List {view.spoken_plural}, newest first.",
            RouteKind.GET: f"Get {view.a}.",
            RouteKind.CREATE: f"Create {view.a}.",
            RouteKind.UPDATE: f"Change the given fields of {view.a}.",
            RouteKind.DELETE: f"Delete {view.a}.",
            RouteKind.NESTED_LIST: f"List the {view.spoken_plural} of {self.parent.a if self.parent else ''}.",
            RouteKind.NESTED_CREATE: f"Create {view.a} of {self.parent.a if self.parent else ''}.",
            RouteKind.LINKED: f"List the {link} of {view.a}, newest first.",
            RouteKind.LINK: f"Add to the {link} of {view.a}.",
            RouteKind.UNLINK: f"Take away from the {link} of {view.a}.",
        }[self.kind]

    def dropped(self) -> tuple[str, ...]:
        """The namespaces of kept answers that the operation makes wrong."""
        return () if self.link else dropped(self.view.blueprint, self.view.resource, self.route.operation)

    def create_schema(self) -> str:
        """The name of the body's schema of a create."""
        for schema in self.view.create_schemas:
            if self.nested and schema.relation == self.route.relation:
                return schema.name
        return f"{self.view.cls}Create"

    def only_roles(self) -> bool:
        """Whether roles alone let a caller in."""
        operation = self.route.operation
        return bool(operation.roles) and not operation.owner

    def public(self) -> bool:
        """Whether the answer is the same for everybody; a parent may be closed to some."""
        parent = self.parent.resource.reading if self.parent else None
        return self.route.operation.public and (parent is None or parent.public)

    def uses_caller(self) -> bool:
        """Whether anything is asked of the caller beyond being one."""
        view, kind = self.view, self.kind
        if self.parent and self.parent.reader:
            return True
        if kind in (RouteKind.LIST, RouteKind.NESTED_LIST):
            return view.listed_for_caller or self.only_roles()
        if kind in CREATES:
            owner = kind is RouteKind.NESTED_CREATE and self.route.relation == view.resource.owner
            return bool(view.creator) or self.only_roles() or owner
        if kind is RouteKind.LINK and self.link:
            return bool(view.linker(self.link))
        return bool(
            {
                RouteKind.GET: view.reader,
                RouteKind.LINKED: view.reader,
                RouteKind.UPDATE: view.updater,
                RouteKind.DELETE: view.remover,
                RouteKind.UNLINK: view.unlinker,
            }[kind]
        )
