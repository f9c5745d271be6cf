"""Renders a project from its blueprint."""

from __future__ import annotations

from collections.abc import Mapping

from backend.scaffold.migrations.render import render_migrations
from backend.scaffold.project import render_project_files
from backend.scaffold.rendering.caching import kept_reads
from backend.scaffold.rendering.environment import rendered
from backend.scaffold.rendering.formatting import formatted
from backend.scaffold.rendering.graphql import graphql_files, offers_graphql
from backend.scaffold.rendering.package import package_files
from backend.scaffold.rendering.reference import reference_files
from backend.scaffold.rendering.view import View
from knowledge.blueprint.model import Blueprint


def render_project(
    blueprint: Blueprint, previous: Blueprint | None = None, migrations: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Every file of the project, by path.

    Args:
        blueprint: what the project is to be.
        previous: what it was rendered from before, where it was.
        migrations: texts by path of the migrations that are in it now; they come back as they are.

    Raises:
        ScaffoldError: ruff is not there to format the code, or a change cannot be migrated.
    """
    kept = dict(migrations or {})
    migrated = render_migrations(blueprint, previous, kept)
    new = {path: text for path, text in migrated.items() if path not in kept}
    return kept | formatted(app_files(blueprint) | render_project_files(blueprint) | new) | reference_files()


def app_files(blueprint: Blueprint) -> dict[str, str]:
    """The package ``app`` without its core, by path; not formatted yet."""
    views = tuple(View(blueprint, resource) for resource in blueprint.resources.values())
    events = [f"{view.name}.{kind.value}" for view in views for kind in view.resource.events]
    files = {"app/__init__.py": f'"""The application {blueprint.name}."""\n'}
    files["app/main.py"] = rendered("app/main.py.j2", blueprint=blueprint)
    files["app/settings.py"] = rendered("app/settings.py.j2", blueprint=blueprint)
    files["app/worker.py"] = rendered("app/worker.py.j2", blueprint=blueprint, events=events)
    files["app/models.py"] = rendered("app/models.py.j2", views=views)
    kept = [entry for view in views for entry in kept_reads(blueprint, view.resource)]
    files["app/api.py"] = rendered("app/api.py.j2", views=views, kept=kept, graphql=offers_graphql(blueprint))
    for view in views:
        files |= package_files(view)
    return files | graphql_files(blueprint)
