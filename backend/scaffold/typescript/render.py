"""Renders a TypeScript project from its blueprint."""

from __future__ import annotations

from collections.abc import Mapping

from backend.scaffold.typescript.graphql import graphql_files
from backend.scaffold.typescript.layout import laid_out
from backend.scaffold.typescript.migrations import render_migrations
from backend.scaffold.typescript.modules import resource_files
from backend.scaffold.typescript.project import core_files, project_files
from backend.scaffold.typescript.view import TypeScriptView
from knowledge.blueprint.model import Blueprint


def render_typescript(
    blueprint: Blueprint, previous: Blueprint | None = None, migrations: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Every file of the project, by path.

    Args:
        blueprint: what the project is to be.
        previous: what it was rendered from before, where it was.
        migrations: texts by path of what is below ``drizzle`` now; migrations come back as they are.

    Raises:
        MigrationRefusedError: a change cannot be migrated.
    """
    views = tuple(TypeScriptView(blueprint, resource) for resource in blueprint.resources.values())
    written = project_files(blueprint, views)
    for view in views:
        written |= resource_files(view)
    written |= graphql_files(blueprint, views)
    files = {path: laid_out(text) if path.endswith(".ts") else text for path, text in written.items()}
    return files | core_files() | render_migrations(blueprint, previous, migrations or {})
