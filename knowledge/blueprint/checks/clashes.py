"""Names that are fine alone and clash with others: tables, classes, columns, operations, paths."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.blueprint.checks.names import written_well
from knowledge.blueprint.identifiers import MAX_BYTES, link_table
from knowledge.blueprint.model import Blueprint, Resource
from knowledge.blueprint.problems import Path, Problem
from knowledge.blueprint.routes import RouteKind, routes


def check_clashes(blueprint: Blueprint) -> Iterator[Problem]:
    """Two things that would get the same name."""
    yield from _between_resources(blueprint)
    yield from _link_tables(blueprint)
    for key, resource in blueprint.resources.items():
        yield from _within(("resources", key), resource)
    yield from _on_the_wire(blueprint)


def _between_resources(blueprint: Blueprint) -> Iterator[Problem]:
    classes: dict[str, str] = {}
    plurals: dict[str, str] = {}
    for key, resource in blueprint.resources.items():
        path = ("resources", key)
        if (other := classes.setdefault(resource.class_name, key)) != key:
            told = f"The classes of {other} and {key} would both be called {resource.class_name}."
            yield Problem(path, told, "Rename one of the two.")
        if (other := plurals.setdefault(resource.plural, key)) != key:
            told = f"{other} and {key} have the same plural {resource.plural}."
            yield Problem((*path, "plural"), told, "Write another plural for one of the two.")
        elif resource.plural in blueprint.resources and resource.plural != key:
            told = f"The plural {resource.plural} is the name of another resource."
            yield Problem((*path, "plural"), told, "Write another plural, or rename the other resource.")


def _link_tables(blueprint: Blueprint) -> Iterator[Problem]:
    tables = {resource.table: key for key, resource in blueprint.resources.items()}
    for key, resource in blueprint.resources.items():
        for relation in resource.many_to_many:
            path: Path = ("resources", key, "many_to_many", relation)
            table = link_table(resource, relation)
            if len(table) > MAX_BYTES and written_well(key) and written_well(relation):
                told = f"The table of the links would be called {table}; PostgreSQL keeps {MAX_BYTES} characters."
                yield Problem(path, told, "Shorten the name of the relation or of the resource.")
            other = tables.setdefault(table, f"{key}.{relation}")
            if other != f"{key}.{relation}":
                told = f"The table of the links would be called {table}, as the one of {other} is."
                yield Problem(path, told, "Rename the relation.")


def _within(path: Path, resource: Resource) -> Iterator[Problem]:
    taken = {name: f"the field {name}" for name in resource.fields}
    for kind in ("belongs_to", "many_to_many"):
        for relation in getattr(resource, kind):
            names = (relation, f"{relation}_id") if kind == "belongs_to" else (relation,)
            for name in names:
                if name in taken:
                    told = f"The relation needs the name {name}, which {taken[name]} has."
                    yield Problem((*path, kind, relation), told, "Rename one of the two.")
                else:
                    taken[name] = f"the relation {relation}"


def _on_the_wire(blueprint: Blueprint) -> Iterator[Problem]:
    """Operations and paths that two parts of the blueprint would both make."""
    if not all(_known(blueprint, resource) for resource in blueprint.resources.values()):
        return
    names: dict[str, Path] = {}
    paths: dict[tuple[str, str], Path] = {}
    for route in routes(blueprint):
        group = "belongs_to" if route.kind in (RouteKind.NESTED_LIST, RouteKind.NESTED_CREATE) else "many_to_many"
        path: Path = ("resources", route.resource, *((group, route.relation) if route.relation else ()))
        for told, other in (
            (f"The operation {route.operation_id}", names.setdefault(route.operation_id, path)),
            (f"{route.method} {route.path}", paths.setdefault((route.method, route.path), path)),
        ):
            if other != path:
                told = f"{told} would exist twice, here and for {'.'.join(other)}."
                yield Problem(path, told, "Rename one of the two.")
                break


def _known(blueprint: Blueprint, resource: Resource) -> bool:
    targets = [relation.resource for relation in resource.belongs_to.values()]
    targets += [relation.resource for relation in resource.many_to_many.values()]
    return all(target in blueprint.resources for target in targets)
