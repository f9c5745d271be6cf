"""The GraphQL interface of a blueprint: the operations of its REST API as types, queries and mutations.

Lists are pages with the figures of the REST envelope, or Relay connections where the list is walked by cursor.
Mutations take one input and answer a payload. Fields of the root and those that lead to other rows may be null, so
that one of them can fail without taking the rest of the answer along.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from knowledge.blueprint.model import Blueprint, Resource
from knowledge.blueprint.operations import ListOperation, Pagination
from knowledge.blueprint.routes import RouteKind, routes
from knowledge.formats.graphql.document import TypeKind
from knowledge.formats.graphql.mutations import mutations
from knowledge.formats.graphql.naming import TypeNames, apart, camel
from knowledge.formats.graphql.parts import Answered, Contract, Definition, Given, RootField, Value
from knowledge.formats.graphql.rows import SCALARS, Types, a, left, spoken


def contract(blueprint: Blueprint) -> Contract:
    """Everything the interface offers; the names of resources must be filled in, as the reader does."""
    return _Builder(blueprint).built()


class _Builder:
    def __init__(self, blueprint: Blueprint) -> None:
        self.blueprint = blueprint
        self.names = TypeNames(blueprint)
        self.types = Types(blueprint, self.names)
        self.routes = routes(blueprint)
        self.pages = {one.name: self._page_name(one) for one in blueprint.resources.values()}
        targets = {
            link.resource: self.blueprint.resources[link.resource]
            for one in blueprint.resources.values()
            for link in one.many_to_many.values()
        }
        self.linked = {
            name: self.names.made(f"{self.names.rows[name]}Page") if self._by_cursor(other) else self.pages[name]
            for name, other in targets.items()
        }
        """Pages of linked rows are numbered, whatever the resource's own list is."""
        self.sorts = {
            one.name: self.names.made(f"{self.names.rows[one.name]}Sort")
            for one in blueprint.resources.values()
            if one.operations.list and one.operations.list.sort
        }

    def built(self) -> Contract:
        queries = tuple(self._queries())
        changed = mutations(self.blueprint, self.names, self.types, self.routes)
        made = [*self._rows(), *self._lists(), *self._sorts(), *self.types.enums, *changed.definitions]
        roots = [one.field for one in (*queries, *changed.fields)]
        return Contract(tuple(_reached(roots, made)), queries, changed.fields)

    def _page_name(self, resource: Resource) -> str:
        listing = resource.operations.list
        end = "Connection" if listing and listing.pagination is Pagination.CURSOR else "Page"
        return self.names.made(f"{self.names.rows[resource.name]}{end}")

    # Rows

    def _rows(self) -> Iterator[Definition]:
        for resource in self.blueprint.resources.values():
            name = self.names.rows[resource.name]
            fields = tuple(self._named([*self._columns(resource), *self._leading(resource)]))
            description = resource.description or f"{a(resource).capitalize()}."
            yield Definition(TypeKind.OBJECT, name, description, "row", resource.name, fields)

    def _named(self, fields: list[Answered]) -> Iterator[Answered]:
        names = apart((f"{one.leads} {one.key}", one.name) for one in fields)
        yield from (replace(one, name=names[f"{one.leads} {one.key}"]) for one in fields)

    def _columns(self, resource: Resource) -> Iterator[Answered]:
        one = a(resource)
        yield Answered("id", "ID!", "id", f"What tells {one} from all others.")
        if resource.owner == "owner_id":
            yield Answered("ownerId", "ID!", "owner_id", f"Whose {one} is.")
        for name, relation in resource.belongs_to.items():
            told = relation.description or f"The {name.replace('_', ' ')} of {one}."
            yield Answered(camel(f"{name}_id"), "ID" + "!" * relation.required, f"{name}_id", told)
        for name, spec in resource.fields.items():
            if not spec.write_only:
                told = spec.description or f"The {name.replace('_', ' ')} of {one}."
                yield Answered(camel(name), self.types.of(resource, name) + "!" * spec.required, name, told)
        if resource.optimistic_locking:
            yield Answered(
                "version", "Int!", "version", "Counts the changes; a change names the version it is made to."
            )
        yield Answered("createdAt", "DateTime!", "created_at", f"When {one} was made.")
        yield Answered("updatedAt", "DateTime!", "updated_at", f"When {one} was last changed.")

    def _leading(self, resource: Resource) -> Iterator[Answered]:
        """The fields that lead to other rows."""
        for name, relation in resource.belongs_to.items():
            other = self.blueprint.resources[relation.resource]
            if other.reading is not None:
                told = f"{a(other).capitalize()}, if you may see it."
                yield Answered(camel(name), self.names.rows[other.name], name, told, (), "one", other.name)
        for child in self.blueprint.resources.values():
            for relation_name, belongs in child.belongs_to.items():
                if belongs.nested and belongs.resource == resource.name and child.operations.list:
                    told = f"The {spoken(child)} of {a(resource)}, newest first, as far as you may see them."
                    yield Answered(
                        camel(child.plural),
                        self.pages[child.name],
                        f"{child.name}.{relation_name}",
                        told,
                        tuple(self._arguments(child, child.operations.list)),
                        "children",
                        child.name,
                        left(child.operations.list),
                    )
        for name, link in resource.many_to_many.items():
            other = self.blueprint.resources[link.resource]
            if resource.operations.get:
                told = link.description or f"The {name.replace('_', ' ')} of {a(resource)}, newest first."
                page = self.linked[other.name]
                yield Answered(
                    camel(name), page, name, told, _paging(20), "linked", other.name, left(resource.operations.get)
                )

    # Lists

    def _by_cursor(self, resource: Resource) -> bool:
        listing = resource.operations.list
        return listing is not None and listing.pagination is Pagination.CURSOR

    def _lists(self) -> Iterator[Definition]:
        for resource in self.blueprint.resources.values():
            row, name = self.names.rows[resource.name], self.pages[resource.name]
            if not self._by_cursor(resource):
                yield self._page(resource, name)
                continue
            edge = self.names.made(f"{row}Edge")
            yield Definition(
                TypeKind.OBJECT,
                name,
                f"Some of the {spoken(resource)}, and how to go on.",
                "connection",
                resource.name,
                (
                    Answered("edges", f"[{edge}!]!", "edges", f"The {spoken(resource)}, each with its cursor."),
                    Answered("pageInfo", "PageInfo!", "page_info", "What comes before and after."),
                ),
            )
            yield Definition(
                TypeKind.OBJECT,
                edge,
                f"{a(resource).capitalize()} in a list.",
                "edge",
                resource.name,
                (
                    Answered("node", row, "node", f"{a(resource).capitalize()}."),
                    Answered("cursor", "String!", "cursor", "What follows is asked for with it."),
                ),
            )
            if resource.name in self.linked:
                yield self._page(resource, self.linked[resource.name])
        yield Definition(
            TypeKind.OBJECT,
            "PageInfo",
            "What comes before and after some rows.",
            "page_info",
            fields=(
                Answered("hasNextPage", "Boolean!", "has_next_page", "Whether more rows follow."),
                Answered("hasPreviousPage", "Boolean!", "has_previous_page", "Whether rows come before."),
                Answered("startCursor", "String", "start_cursor", "The cursor of the first row."),
                Answered("endCursor", "String", "end_cursor", "The cursor of the last row."),
            ),
        )

    def _page(self, resource: Resource, name: str) -> Definition:
        row = self.names.rows[resource.name]
        return Definition(
            TypeKind.OBJECT,
            name,
            f"A numbered page of {spoken(resource)}.",
            "page",
            resource.name,
            (
                Answered("items", f"[{row}!]!", "items", f"The {spoken(resource)} of this page."),
                Answered("page", "Int!", "page", "The number of this page."),
                Answered("limit", "Int!", "limit", "How many rows a page has at most."),
                Answered("total", "Int!", "total", "How many rows all pages have."),
            ),
        )

    def _sorts(self) -> Iterator[Definition]:
        for name, sort in self.sorts.items():
            resource = self.blueprint.resources[name]
            listing = resource.operations.list
            assert listing is not None
            values = []
            for column in ("created_at", *listing.sort):
                said = column.replace("_", " ")
                values.append(Value(f"{column.upper()}_ASC", column, f"By {said}, upwards."))
                values.append(Value(f"{column.upper()}_DESC", f"-{column}", f"By {said}, downwards."))
            yield Definition(
                TypeKind.ENUM, sort, f"What {spoken(resource)} are sorted by.", "sort", name, values=tuple(values)
            )

    def _arguments(self, resource: Resource, listing: ListOperation) -> Iterator[Given]:
        if listing.pagination is Pagination.CURSOR:
            yield Given("first", "Int", "limit", "How many rows at most.", str(listing.default_limit))
            yield Given("after", "String", "cursor", "Only what follows the row with this cursor.")
        else:
            yield from _paging(listing.default_limit)
        if listing.sort:
            yield Given("sort", self.sorts[resource.name], "sort", "The order of the rows.", "CREATED_AT_DESC")
        if listing.search:
            fields = " or ".join(name.replace("_", " ") for name in listing.search)
            yield Given("q", "String", "q", f"Only rows whose {fields} contains this, in any case.")
        taken = {"first", "after", "page", "limit", "sort", "q"}
        for name in listing.filter:
            column, kind = (
                (f"{name}_id", "ID") if name in resource.belongs_to else (name, self.types.of(resource, name))
            )
            argument = camel(column)
            argument = argument if argument not in taken else f"{argument}Is"
            yield Given(argument, kind, column, f"Only rows with this {name.replace('_', ' ')}.")

    # Operations

    def _queries(self) -> Iterator[RootField]:
        found = []
        for route in self.routes:
            resource = self.blueprint.resources[route.resource]
            if route.kind is RouteKind.LIST and resource.operations.list:
                told = f"{spoken(resource).capitalize()}, newest first, as far as you may see them."
                arguments = tuple(self._arguments(resource, resource.operations.list))
                field = Answered(camel(resource.plural), self.pages[resource.name], "list", told, arguments)
                found.append(RootField(field, route))
            elif route.kind is RouteKind.GET:
                told = f"{a(resource).capitalize()}."
                by_id = (Given("id", "ID!", "id", f"Of the {resource.name.replace('_', ' ')}."),)
                found.append(
                    RootField(Answered(camel(resource.name), self.names.rows[resource.name], "get", told, by_id), route)
                )
        names = apart((one.route.operation_id, one.field.name) for one in found)
        for one in found:
            operation = one.route.operation
            field = replace(one.field, name=names[one.route.operation_id], deprecated=left(operation))
            yield RootField(field, one.route)


def _paging(default: int) -> tuple[Given, ...]:
    return (
        Given("page", "Int", "page", "Which page, counted from 1.", "1"),
        Given("limit", "Int", "limit", "How many rows a page has at most.", str(default)),
    )


def _reached(roots: list[Answered], made: list[Definition]) -> Iterator[Definition]:
    """The definitions that the operations lead to, in their order, and the scalars they need."""
    known = {one.name: one for one in made}
    waiting = [bare(name) for one in roots for name in (one.type, *(given.type for given in one.arguments))]
    reached: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in reached:
            continue
        reached.add(name)
        if name in known:
            waiting += [bare(kind) for kind in _types_in(known[name])]
    yield from (one for one in made if one.name in reached)
    for name, (description, url) in SCALARS.items():
        if name in reached:
            yield Definition(TypeKind.SCALAR, name, description, "scalar", url=url)


def _types_in(one: Definition) -> Iterator[str]:
    for field in one.fields:
        yield field.type
        yield from (given.type for given in field.arguments)
    yield from (given.type for given in one.inputs)


def bare(kind: str) -> str:
    """The name inside of brackets and exclamation marks."""
    return kind.strip("[]!")
