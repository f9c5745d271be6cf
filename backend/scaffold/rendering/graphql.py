"""The package ``app/graphql``: what a backend offers as GraphQL beside its routes."""

from __future__ import annotations

from collections.abc import Iterator

from backend.scaffold.rendering.access import role_arguments
from backend.scaffold.rendering.environment import rendered
from backend.scaffold.rendering.graphql_loaders import loaders, rate
from backend.scaffold.rendering.graphql_types import INFO, RowTypes, annotation, attribute, parameter, shown, told
from backend.scaffold.rendering.graphql_writes import adapters, input_classes, mutation_fields
from backend.scaffold.rendering.handled import Handled
from backend.scaffold.rendering.routes import limits
from backend.scaffold.rendering.view import View
from knowledge.blueprint.model import Blueprint, Interface
from knowledge.blueprint.routes import RouteKind
from knowledge.formats.graphql.contract import contract
from knowledge.formats.graphql.parts import RootField
from knowledge.formats.graphql.write import NOTHING

STATIC = ("__init__", "scalars", "errors", "limits", "context", "given", "pages", "rates", "rows", "loaders", "queries")


def offers_graphql(blueprint: Blueprint) -> bool:
    """Whether the blueprint asks for it."""
    return Interface.GRAPHQL in blueprint.interfaces


def graphql_files(blueprint: Blueprint) -> dict[str, str]:
    """The modules by path, not yet formatted; none where the blueprint does not ask for GraphQL."""
    if not offers_graphql(blueprint):
        return {}
    types = RowTypes(blueprint, contract(blueprint))
    views = tuple(View(blueprint, resource) for resource in blueprint.resources.values())
    definitions = types.contract.definitions
    mutations = list(mutation_fields(types))
    context = {
        "blueprint": blueprint,
        "views": views,
        "scalars": [one for one in definitions if one.role == "scalar"],
        "limits": {name: limit for view in views for name, limit in _limits(view).items()},
        "names": _names(types),
        "enums": list(types.enum_classes()),
        "loaders": list(loaders(types)),
        "mutations": mutations,
        "adapters": list(adapters(types)),
    }
    files = {}
    for name in (*STATIC, "endpoint", *(["mutations"] if mutations else [])):
        shown = {
            "queries": {"fields": list(_queries(types))},
            "mutations": {"fields": mutations, "types": list(input_classes(types))},
            "rows": {"types": list(types.classes())},
        }.get(name, {})
        files[f"app/graphql/{name}.py"] = rendered(f"app/graphql/{name}.py.j2", **context, **shown)
    return files


def _limits(view: View) -> dict[str, object]:
    return {limit.name.upper(): limit for limit in limits(view).values()}


def _names(types: RowTypes) -> list[str]:
    """What the module of the rows has to offer; what nobody imports is left out later."""
    functions = []
    for one in types.contract.definitions:
        if one.role in ("row", "page", "connection"):
            end = "" if one.role == "row" else f"_{one.role}"
            functions.append(f"{one.resource}{end}_of")
    classes = [
        one.name for one in types.contract.definitions if one.role in ("row", "page", "connection", "enum", "sort")
    ]
    return sorted({*functions, *classes})


def _queries(types: RowTypes) -> Iterator[str]:
    for one in types.contract.queries:
        yield from _query(types, one)
    if not types.contract.queries:
        yield f"    @strawberry.field({told(NOTHING.description)})"
        yield "    def api_version(self) -> int | None:"
        yield f"        return {types.blueprint.api_version}"


def _query(types: RowTypes, one: RootField) -> Iterator[str]:
    view, route, field = types.view(one.route.resource), one.route, one.field
    python, named = attribute(field.name, view.plural if route.kind is RouteKind.LIST else view.name)
    given = [parameter(each, types.enums) for each in field.arguments]
    parameters = ", ".join(["self", INFO, *(text for _, text in given)])
    yield f"    @strawberry.field({shown(field)}{named})"
    yield f"    async def {python}({parameters}) -> {annotation(field.type)}:"
    uses = Handled(view, route).uses_caller()
    if limit := rate(view, route.operation):
        yield f"        await info.context.count(rates.{limit})"
    if not route.operation.public:
        yield f"        {'caller = ' if uses else ''}info.context.signed_in()"
    elif uses:
        yield "        caller = info.context.caller"
    if route.kind is RouteKind.GET:
        yield f"        row = await find_{view.name}(info.context.database{view.asks}, identified(id))"
        yield f"        return {view.name}_of(row)\n"
        return
    field_names = [name for name, _ in given]
    yield f"        query = {_asked(view, field_names, [each.key for each in field.arguments])}"
    if Handled(view, route).only_roles():
        yield f"        caller.require_role({role_arguments(route.operation.roles)})"
    caller = ", caller" if view.listed_for_caller else ""
    second = "following" if view.by_cursor else "total"
    listed = f"{view.plural}_service.list_{view.plural}(info.context.database{caller}, query)"
    yield f"        rows, {second} = await {listed}"
    kind = "connection" if view.by_cursor else "page"
    yield f"        return {view.name}_{kind}_of(rows, {second}, query)\n"


def _asked(view: View, names: list[str], keys: list[str]) -> str:
    pairs = [f"{key}={name}" for key, name in zip(keys, names, strict=True)]
    return f"asked({', '.join([f'{view.cls}ListQuery', *pairs])})"
