"""The files of a TypeScript project around its resources."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from backend.scaffold.typescript.caching import kept
from backend.scaffold.typescript.environment import rendered
from backend.scaffold.typescript.tests import test_files
from backend.scaffold.typescript.view import TypeScriptView
from knowledge.blueprint.model import Blueprint, Interface
from knowledge.blueprint.routes import routes

CORE = "src/core"
FILES = (
    ".dockerignore",
    ".env.example",
    ".github/workflows/ci.yml",
    ".gitignore",
    "Dockerfile",
    "README.md",
    "compose.yaml",
    "drizzle.config.ts",
    "package.json",
    "src/api.ts",
    "src/app.ts",
    "src/main.ts",
    "src/migrate.ts",
    "src/settings.ts",
    "src/worker.ts",
    "tsconfig.json",
)
"""Each has a template of its name, without a leading dot."""


def project_files(blueprint: Blueprint, views: tuple[TypeScriptView, ...]) -> dict[str, str]:
    """By path; TypeScript is not laid out yet."""
    context: dict[str, Any] = {
        "blueprint": blueprint,
        "name": blueprint.name,
        "description": blueprint.description,
        "views": views,
        "routes": routes(blueprint),
        "events": [f"{view.name}.{kind.value}" for view in views for kind in view.resource.events],
        "kept": [entry for view in views for entry in kept(blueprint, view.resource)],
        "signed_in": blueprint.auth.scheme != "none",
        "trpc": Interface.TRPC in blueprint.interfaces,
        "graphql": Interface.GRAPHQL in blueprint.interfaces,
        "tenant": blueprint.tenant,
        "roles": sorted({role for route in routes(blueprint) for role in route.operation.roles}),
    }
    paths = [*FILES, *(("src/procedures.ts", "src/trpc.ts") if context["trpc"] else ())]
    files = {path: rendered(f"{path.removeprefix('.')}.j2", **context) for path in paths}
    return files | test_files(blueprint, context)


def core_files() -> dict[str, str]:
    """The texts of ``src/core``, by path within the project: those of the reference as they are."""
    return dict(_texts(files("backend.reference_typescript"), CORE))


def _texts(folder: Traversable, path: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        inner = f"{path}/{entry.name}"
        if entry.is_dir():
            found += _texts(entry, inner)
        elif entry.name.endswith(".ts"):
            found.append((inner, entry.read_text(encoding="utf-8")))
    return found
