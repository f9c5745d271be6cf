"""Renders a project from its blueprint."""

from __future__ import annotations

from backend.scaffold.rendering.caching import kept_reads
from backend.scaffold.rendering.environment import rendered
from backend.scaffold.rendering.formatting import formatted
from backend.scaffold.rendering.package import package_files
from backend.scaffold.rendering.reference import reference_files
from backend.scaffold.rendering.view import View
from knowledge.blueprint.model import Blueprint


def render_project(blueprint: Blueprint, previous: Blueprint | None = None) -> dict[str, str]:
    """Every file of the project, by path; ``previous`` is what the project was rendered from before.

    Raises:
        ScaffoldError: ruff is not there to format the code.
    """
    del previous
    return render_app(blueprint)


def render_app(blueprint: Blueprint) -> dict[str, str]:
    """The package ``app``, by path.

    Raises:
        ScaffoldError: ruff is not there to format the code.
    """
    views = tuple(View(blueprint, resource) for resource in blueprint.resources.values())
    events = [f"{view.name}.{kind.value}" for view in views for kind in view.resource.events]
    files = {"app/__init__.py": f'"""The application {blueprint.name}."""\n'}
    files["app/main.py"] = rendered("app/main.py.j2", blueprint=blueprint)
    files["app/settings.py"] = rendered("app/settings.py.j2", blueprint=blueprint)
    files["app/worker.py"] = rendered("app/worker.py.j2", blueprint=blueprint, events=events)
    files["app/models.py"] = rendered("app/models.py.j2", views=views)
    kept = [entry for view in views for entry in kept_reads(blueprint, view.resource)]
    files["app/api.py"] = rendered("app/api.py.j2", views=views, kept=kept)
    for view in views:
        files |= package_files(view)
    return formatted(files) | reference_files()
