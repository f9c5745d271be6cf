"""The folder ``src/graphql``: what a backend in TypeScript offers as GraphQL beside its routes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from backend.scaffold.rendering.routes import limits
from backend.scaffold.typescript.environment import rendered
from backend.scaffold.typescript.graphql_loaders import loader_name, loaders, tables_of
from backend.scaffold.typescript.procedures import ProcedureCode, procedure_code
from backend.scaffold.typescript.view import TypeScriptView
from knowledge.blueprint.model import Blueprint, Interface
from knowledge.blueprint.routes import Route, RouteKind, routes
from knowledge.formats.graphql.contract import contract
from knowledge.formats.graphql.mutations import NOTHING
from knowledge.formats.graphql.parts import Contract, Definition, Given, RootField
from knowledge.formats.graphql.write import write_sdl

STATIC = ("context", "endpoint", "errors", "limits", "operations", "resolver")
_TAKE = re.compile(r"await take\(context, (\w+)\);")


def offers_graphql(blueprint: Blueprint) -> bool:
    """Whether the blueprint asks for it."""
    return Interface.GRAPHQL in blueprint.interfaces


def graphql_files(blueprint: Blueprint, views: tuple[TypeScriptView, ...]) -> dict[str, str]:
    """The modules by path, not yet laid out; none where the blueprint does not ask for GraphQL."""
    if not offers_graphql(blueprint):
        return {}
    made = contract(blueprint)
    context = {"blueprint": blueprint, "views": views}
    files = {f"src/graphql/{name}.ts": rendered(f"src/graphql/{name}.ts.j2", **context) for name in STATIC}
    files["src/graphql/schema.graphql"] = write_sdl(blueprint)
    files["src/graphql/tables.ts"] = rendered("src/graphql/tables.ts.j2", **_tables(blueprint, made))
    for view in views:
        files[f"src/graphql/resources/{view.plural}.ts"] = _resource(view, made)
    return files


def _tables(blueprint: Blueprint, made: Contract) -> dict[str, str]:
    """What the resolver looks up, as literals."""
    rows = [one for one in made.definitions if one.role == "row"]
    inputs = {one.name: one for one in made.definitions if one.inputs}
    roots: dict[str, Any] = {"Query": {}, "Mutation": {}}
    for one in made.queries:
        roots["Query"][one.field.name] = _asked(one, one.field.arguments)
    for one in made.mutations:
        roots["Mutation"][one.field.name] = _asked(one, _paths(blueprint, one, inputs[one.input]))
    tables = {
        "columns": {one.name: {field.name: field.key for field in one.fields if not field.leads} for one in rows},
        "values": {one.name: {value.name: value.key for value in one.values} for one in made.definitions if one.values},
        "leading": {one.name: _leading(one) for one in rows if any(field.leads for field in one.fields)},
        "roots": roots,
    }
    return {name: json.dumps(table, indent=2, ensure_ascii=False) for name, table in tables.items()}


def _asked(one: RootField, given: tuple[Given, ...]) -> dict[str, Any]:
    return {"operation": one.route.operation_id, "takes": {each.name: each.key for each in given}}


def _leading(one: Definition) -> dict[str, Any]:
    return {
        field.name: {
            "loader": loader_name(one, field),
            "column": f"{field.key}_id" if field.leads == "one" else "id",
            "takes": {given.name: given.key for given in field.arguments},
        }
        for field in one.fields
        if field.leads
    }


def _paths(blueprint: Blueprint, one: RootField, given: Definition) -> tuple[Given, ...]:
    """The parts of an input, with where the operation has them."""
    route = one.route
    view = TypeScriptView(blueprint, blueprint.resources[route.resource])
    body = "changes" if route.kind is RouteKind.UPDATE else "data"
    keys = {
        NOTHING.key: f"{body}.",
        "parent": view.within(route.relation) if route.kind is RouteKind.NESTED_CREATE else "",
    }
    if route.kind in (RouteKind.LINK, RouteKind.UNLINK):
        keys["other"] = blueprint.resources[route.other].id_parameter
    return tuple(
        replace(each, key=each.key.replace("body.", f"{body}.", 1) if "." in each.key else keys.get(each.key, each.key))
        for each in given.inputs
    )


def _resource(view: TypeScriptView, made: Contract) -> str:
    written = [
        _operation(procedure_code(view, route), route)
        for route in routes(view.blueprint)
        if route.resource == view.name and route.kind not in (RouteKind.NESTED_LIST, RouteKind.LINKED)
    ]
    functions, found = loaders(view, made)
    guarded = next(_guarded(view, made), "")
    return rendered(
        "src/graphql/resource.ts.j2",
        view=view,
        procedures=written,
        limits=limits(view),
        tables=tables_of(view),
        functions=functions,
        loaders=found,
        guard=guarded,
    )


@dataclass(frozen=True)
class OperationCode:
    """A procedure that says its limit apart: routes count a request before they look at what was sent."""

    name: str
    summary: str
    guard: str
    input: str
    takes: str
    statements: tuple[str, ...]
    limit: str


def _operation(code: ProcedureCode, route: Route) -> OperationCode:
    limit = "".join(found[1] for line in code.statements if (found := _TAKE.fullmatch(line)))
    lines = tuple(line for line in code.statements if not _TAKE.fullmatch(line))
    told = " ".join(lines)
    if "(ctx, " in told:
        lines = tuple(line for line in lines if not line.startswith("const {"))
        names = [name for name in ("context", "services", "caller") if re.search(rf"\b{name}\b", " ".join(lines))]
        lines = (f"const {{ {', '.join(names)} }} = ctx;", *lines) if names else lines
        takes = "ctx, input"
    else:
        names = [name for name in ("context", "services", "caller") if re.search(rf"\b{name}\b", told)]
        takes = f"ctx: {{ {', '.join(names)} }}, input"
    guard = code.guard.replace("Procedure", "Operation")
    return OperationCode(route.operation_id, code.summary, guard, code.input, takes, lines, limit)


def _guarded(view: TypeScriptView, made: Contract) -> Iterator[str]:
    """The type of its rows, where what belongs to them is not for everybody who sees them in a list."""
    for one in made.definitions:
        many = any(field.leads in ("children", "linked") for field in one.fields)
        if one.role == "row" and one.resource == view.name and many and view.read and view.read.test:
            yield one.name
