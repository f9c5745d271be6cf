"""A backend that is to be exercised: where it lies, how it is started, and what is known of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from backend.exercise.node import NoNode, find_node
from backend.foreign.process import interpreter
from backend.scaffold.manifest import MANIFEST, read_manifest
from backend.scaffold.stack import Stack
from backend.workspace import Workspace
from knowledge.blueprint.reader import read_blueprint

if TYPE_CHECKING:
    from knowledge.blueprint.model import Blueprint

SCAFFOLDED = "app.main:create_app"
TYPESCRIPT = "src/app.ts"


class NotExercisable(ValueError):
    """What was named cannot be exercised; the text says what to name instead."""


@dataclass(frozen=True)
class Project:
    """A folder with an application in it."""

    folder: Path
    app: str
    """``module:attribute``."""
    python: str
    blueprint: Blueprint | None = None
    """Of scaffolded projects: what their code was made from."""
    node: str = ""
    """Of projects in TypeScript: the Node that runs them."""


def find_project(workspace: Workspace, path: str, app: str) -> Project:
    """The project at ``path``; ``app`` may be empty for scaffolded ones.

    Raises:
        NotExercisable: it is not a scaffolded project, and ``app`` does not say what to start.
        WorkspaceError: the path leads nowhere, or out of the workspace.
        ScaffoldError: the project's manifest is damaged.
    """
    folder = workspace.existing(path or ".")
    if not folder.is_dir():
        raise NotExercisable(f"{path} is not a folder; name the project's folder")
    manifest = folder / MANIFEST
    blueprint = None
    if manifest.is_file():
        scaffolded = read_manifest(workspace.read_text(workspace.relative(manifest)))
        blueprint = read_blueprint(scaffolded.blueprint, path="blueprint.yaml")
        if scaffolded.stack is Stack.TYPESCRIPT:
            return typescript_project(folder, blueprint)
    if not app and blueprint is None:
        raise NotExercisable(
            f"{path or 'the workspace'} was not made by scaffold_backend; say what to start: app='package.module:app'"
        )
    return Project(folder, app or SCAFFOLDED, interpreter(workspace, folder), blueprint)


def typescript_project(folder: Path, blueprint: Blueprint) -> Project:
    """A scaffolded project in TypeScript, as it is run.

    Raises:
        NotExercisable: there is no Node that runs it, or its packages are not installed.
    """
    if not (folder / "node_modules").exists():
        raise NotExercisable(f"{folder.name} has no node_modules: run npm install in it first")
    try:
        return Project(folder, TYPESCRIPT, "", blueprint, find_node())
    except NoNode as error:
        raise NotExercisable(str(error)) from None
