"""New migrations: from a blueprint that changed, or from models that did."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from knowledge.migration import MigrationFolder

if TYPE_CHECKING:
    from backend.workspace import Workspace
    from tools.migrate_backend import MigrateBackendRequest
    from tools.toolbox import Toolbox

HASH_LENGTH = 16


@dataclass(frozen=True)
class Generated:
    """What would be written, and how it can be tried."""

    files: Mapping[str, str]
    """Text by path in the workspace; none where nothing differs."""
    source: str
    """What changed, as in ``blueprint.yaml``."""
    summary: Sequence[str] = ()
    cautions: Sequence[str] = ()
    folder: MigrationFolder | None = None
    """The history up to now and the new migrations."""
    watched: frozenset[str] = frozenset()
    """Versions of the new ones."""
    not_tested: Sequence[str] = ()
    also: Mapping[str, str] | None = None
    """Files that are kept in step when the migrations are written."""

    def hash(self, engine: str) -> str:
        """Stands for every file and the engine they were rehearsed on."""
        digest = hashlib.sha256(engine.encode())
        for path, text in sorted(self.files.items()):
            digest.update(f"\n{path}\0{text}".encode())
        return digest.hexdigest()[:HASH_LENGTH]


def dialect_of(toolbox: Toolbox) -> str:
    """The operator's target's, else PostgreSQL."""
    from backend.targets.target import scheme_of

    return "sqlite" if scheme_of(toolbox.targets.database_url) == "sqlite" else "postgresql"


async def from_blueprint(request: MigrateBackendRequest, toolbox: Toolbox) -> Generated:
    """The change between the blueprint a project was last migrated to and the one in it now.

    Raises:
        ScaffoldError: the manifest is damaged, or the change cannot be migrated.
        BlueprintError: the blueprint is not valid.
    """
    from backend.scaffold.manifest import MANIFEST, read_manifest, write_manifest
    from backend.scaffold.migrations.history import folder_of_change
    from backend.scaffold.migrations.render import PLACES, TEMPLATES, VERSIONS, next_revisions
    from backend.scaffold.plan import BLUEPRINT
    from backend.scaffold.rendering.formatting import formatted
    from knowledge.blueprint.reader import read_blueprint

    workspace, at = toolbox.workspace, _prefix(toolbox.workspace, request.path)
    manifest = read_manifest(workspace.read_text(f"{at}{MANIFEST}"))
    text = workspace.read_text(f"{at}{BLUEPRINT}")
    before = read_blueprint(manifest.blueprint, path=f"{at}{MANIFEST}")
    now = read_blueprint(text, path=f"{at}{BLUEPRINT}")
    existing = {f"{VERSIONS}{path}": text for path, text in workspace.files_under(f"{at}{VERSIONS}", (".py",)).items()}
    written = next_revisions(now, before, existing)
    if not written.files:
        return Generated({}, f"{at}{BLUEPRINT}")
    steps = "migrations/steps.py"
    beside = {steps: (TEMPLATES / PLACES[steps]).read_text(encoding="utf-8")}
    tidy = formatted(beside | dict(written.files))
    new = {path: tidy[path] for path in written.files}
    folder = await folder_of_change(before, existing, new, dialect_of(toolbox))
    own = "what earlier revisions did: the new ones were rehearsed on the tables of the blueprint before"
    return Generated(
        {f"{at}{path}": text for path, text in new.items()},
        f"{at}{BLUEPRINT}",
        written.summary,
        written.cautions,
        folder,
        frozenset(migration.version for migration in folder.migrations[1:]),
        [own] if len(existing) > 1 else [],
        {f"{at}{MANIFEST}": write_manifest(replace(manifest, blueprint=text))},
    )


async def from_models(request: MigrateBackendRequest, toolbox: Toolbox) -> Generated:
    """What Alembic's autogenerate sees between a project's revisions and its models.

    Raises:
        ProjectCodeError: the project's code may not run, or failed.
        TargetError: its revisions cannot be replayed.
        ToolError: it is no Alembic project.
    """
    from backend.foreign.model_change import model_change
    from backend.migration_source import load_migrations, program_tool
    from backend.targets.target import scheme_of
    from tools.spec import ToolError

    workspace = toolbox.workspace
    if program_tool(workspace.existing(request.path), workspace) != "alembic":
        raise ToolError("generate needs a scaffolded project (its folder holds .scaffold) or an Alembic project")
    folder = await load_migrations(
        workspace,
        request.path,
        format="alembic",
        allow_project_code=request.allow_project_code,
        dialect=scheme_of(toolbox.targets.database_url),
    )
    change = await model_change(workspace, request.path, folder, toolbox.postgres, request.timeout_seconds)
    if change is None:
        return Generated({}, "the models")
    return Generated(
        {change.path: change.text},
        "the models",
        change.summary,
        ["written by autogenerate: renames look like a drop and an add, and nothing fills old rows; read it"],
        replace(folder, migrations=(*folder.migrations, change.migration)) if change.migration is not None else None,
        frozenset({change.migration.version}) if change.migration is not None else frozenset(),
        [] if change.migration is not None else [f"the new migration: it fails ({change.error})"],
    )


def _prefix(workspace: Workspace, path: str) -> str:
    where = workspace.relative(workspace.existing(path))
    return "" if where in ("", ".") else f"{where}/"
