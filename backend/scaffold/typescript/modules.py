"""The modules of one resource."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from backend.scaffold.rendering.access import role_arguments
from backend.scaffold.rendering.routes import limits
from backend.scaffold.typescript.columns import table_code
from backend.scaffold.typescript.environment import rendered
from backend.scaffold.typescript.procedures import procedure_code
from backend.scaffold.typescript.routes import route_code
from backend.scaffold.typescript.view import TypeScriptView
from backend.scaffold.typescript.words import camel
from knowledge.blueprint.model import Interface
from knowledge.blueprint.routes import routes
from knowledge.blueprint.tables import tables


def resource_files(view: TypeScriptView) -> dict[str, str]:
    """Its modules by path, not yet laid out."""
    folder = f"src/{view.plural}"
    files = {
        f"{folder}/table.ts": _table(view),
        f"{folder}/schemas.ts": _schemas(view),
        f"{folder}/routes.ts": _routes(view),
    }
    if view.looked_for or view.referenced or view.owns or view.access_names:
        files[f"{folder}/access.ts"] = rendered("resource/access.ts.j2", view=view)
    if view.operations.list or (view.links and view.operations.get):
        seen = [*(relation.to for relation in view.embedded), *(link.to for link in view.links)]
        files[f"{folder}/queries.ts"] = rendered("resource/queries.ts.j2", view=view, tables=_once(seen))
    if view.operations.create or view.locked:
        files[f"{folder}/service.ts"] = _service(view)
    if view.apart:
        embedded = [_embedded(view, relation.name) for relation in view.embedded]
        files[f"{folder}/listItem.ts"] = rendered("resource/listItem.ts.j2", view=view, embedded=embedded)
    if Interface.TRPC in view.blueprint.interfaces:
        files[f"{folder}/procedures.ts"] = _procedures(view)
    return files


def _table(view: TypeScriptView) -> str:
    made = {table.name: table for table in tables(view.blueprint)}
    to = [relation.to for relation in view.relations] + [link.to for link in view.links]
    others = [other for other in _once(to) if other.name != view.name]
    links = [(link, table_code(made[link.table])) for link in view.links]
    code = table_code(made[view.plural])
    return rendered("resource/table.ts.j2", view=view, code=code, links=links, others=others)


def _schemas(view: TypeScriptView) -> str:
    zod = {field.name: field for field in view.zod.values()}
    own = ["owner_id: z.uuid()"] if view.resource.owner == "owner_id" else []
    version = ["version: z.int()"] if view.locking else []
    shown = [zod[field.name].in_answer() for field in view.shown_fields]
    moments = ["created_at: z.iso.datetime()", "updated_at: z.iso.datetime()"]
    return rendered(
        "resource/schemas.ts.j2",
        view=view,
        bodies={
            schema.name: [zod[field.name].in_body(optional=False) for field in schema.fields]
            for schema in view.create_schemas
        },
        updated=[zod[field.name].in_body(optional=True) for field in view.updated_fields],
        read=["id: z.uuid()", *own, *shown, *version, *moments],
        embedded=[_embedded(view, relation.name) for relation in view.embedded],
    )


def _embedded(view: TypeScriptView, name: str) -> str:
    relation = next(relation for relation in view.relations if relation.name == name)
    # Of a schema with a name, `nullable()` would be documented as an object that is null.
    return f"{name}: {relation.to.cls}Read{'' if relation.spec.required else '.or(z.null())'}"


def _service(view: TypeScriptView) -> str:
    seen = [*(sweep.to for sweep in view.swept), *(child for child, _ in view.holding)]
    return rendered(
        "resource/service.ts.j2",
        view=view,
        roles=role_arguments,
        tables=_once(seen),
        keys=[
            f"readonly {relation.column}: string{'' if relation.spec.required else ' | null'}"
            for relation in view.split
        ],
        sweep_names=_numbered([f"emptied{_pascal(sweep.to.plural)}" for sweep in view.swept]),
        holder_names=_numbered([f"holding{_pascal(child.plural)}" for child, _ in view.holding]),
    )


def _routes(view: TypeScriptView) -> str:
    written = [route_code(view, route) for route in routes(view.blueprint) if route.resource == view.name]
    return rendered("resource/routes.ts.j2", view=view, routes=written, limits=limits(view))


def _procedures(view: TypeScriptView) -> str:
    written = [procedure_code(view, route) for route in routes(view.blueprint) if route.resource == view.name]
    return rendered("resource/procedures.ts.j2", view=view, procedures=written, limits=limits(view))


def _once(views: Iterable[object]) -> list[TypeScriptView]:
    found = {view.name: view for view in cast(Iterable[TypeScriptView], views)}
    return list(found.values())


def _numbered(names: list[str]) -> list[str]:
    """The names, told apart by numbers where two are the same."""
    return [name if names.count(name) == 1 else f"{name}{place + 1}" for place, name in enumerate(names)]


def _pascal(name: str) -> str:
    spelled = camel(name)
    return spelled[:1].upper() + spelled[1:]
