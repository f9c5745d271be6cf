"""The package of one resource."""

from __future__ import annotations

from backend.scaffold.rendering.access import role_arguments
from backend.scaffold.rendering.columns import index_code, link_columns, table_code
from backend.scaffold.rendering.environment import rendered
from backend.scaffold.rendering.routes import limits, route_code
from backend.scaffold.rendering.view import View
from knowledge.blueprint.routes import routes
from knowledge.blueprint.tables import tables


def package_files(view: View) -> dict[str, str]:
    """Its modules by path, not yet formatted."""
    made = {table.name: table for table in tables(view.blueprint)}
    code = table_code(made[view.plural], view.cls)
    links = [
        (
            link,
            link_columns(made[link.table]),
            [index_code(each, f"{link.table}.c") for each in made[link.table].indexes],
        )
        for link in view.links
    ]
    written = [route_code(view, route) for route in routes(view.blueprint) if route.resource == view.name]
    names = ["model", "schemas", "service", "routes"]
    asked = view.looked_for or view.referenced or view.owns
    names += ["access"] if asked or view.access_names else []
    written_or_read = view.operations.create or view.operations.list or view.locked or view.links
    names += ["queries"] if asked or written_or_read else []
    names += ["list_item"] if view.apart else []
    context = {"view": view, "code": code, "links": links, "routes": written, "limits": limits(view)}
    folder = f"app/{view.plural}"
    files = {f"{folder}/__init__.py": f'"""{view.spoken_plural.capitalize()}."""\n'}
    for name in names:
        files[f"{folder}/{name}.py"] = rendered(f"app/resource/{name}.py.j2", roles=role_arguments, **context)
    return files
