"""The actions, each a short recipe."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from backend.migration_source import PROJECT_CODE, load_migrations
from backend.rehearsal.outcome import Rehearsal
from backend.targets.ledger import Standing, candidates, standing
from backend.targets.target import Target, TargetError, open_target, scheme_of
from knowledge.migration import Migration, MigrationFolder
from knowledge.report import Report
from tools.migrate_backend import reports
from tools.migrate_backend.rehearsal_report import of_rehearsal
from tools.spec import ToolError
from tools.toolbox import Toolbox

if TYPE_CHECKING:
    from tools.migrate_backend import MigrateBackendRequest


TRIAL_SECONDS = 5.0
"""Limit of one statement when a folder is tried in SQLite to see whether it is SQLite's."""


async def perform(request: MigrateBackendRequest, toolbox: Toolbox) -> Report:
    """Load the folder and do what the action says."""
    if request.action == "generate":
        from tools.migrate_backend.generate import generate

        return toolbox.runs.keep(await generate(request, toolbox))
    folder = await load_migrations(
        toolbox.workspace,
        request.path,
        format=request.format,
        placeholders=placeholders(request.placeholders),
        allow_project_code=request.allow_project_code,
        host=toolbox.postgres,
        dialect=scheme_of(toolbox.targets.database_url),
    )
    if folder.format not in PROJECT_CODE:  # those name their files by their path in the workspace already
        folder = folder.placed(toolbox.workspace.relative(toolbox.workspace.existing(request.path)))
    from tools.migrate_backend.apply import apply
    from tools.migrate_backend.down import down

    folder = await in_dialect_of_target(folder, toolbox.targets.database_url)
    recipes = {"plan": plan, "rehearse": rehearse, "apply": apply, "status": status, "drift": drift, "down": down}
    return toolbox.runs.keep(await recipes[request.action](request, folder, toolbox))


async def in_dialect_of_target(folder: MigrationFolder, url: str) -> MigrationFolder:
    """The folder as SQLite where the operator's target is one and SQLite runs it.

    Plain ``CREATE TABLE`` is at home in both engines, and is taken for PostgreSQL as long as nothing says otherwise.
    """
    if scheme_of(url) != "sqlite" or folder.dialect == "sqlite":
        return folder
    from backend.rehearsal.expected import replayed_sqlite

    try:
        await replayed_sqlite(folder.migrations, TRIAL_SECONDS)
    except TargetError:
        return folder
    return replace(folder, dialect="sqlite")


def placeholders(given: list[str]) -> dict[str, str]:
    """``name=value`` texts as a mapping.

    Raises:
        ToolError: one of them has no ``=``.
    """
    pairs = {}
    for text in given:
        name, sign, value = text.partition("=")
        if not sign or not name:
            raise ToolError(f"placeholder {text!r} is not of the form name=value")
        pairs[name] = value
    return pairs


async def rehearse(request: MigrateBackendRequest, folder: MigrationFolder, toolbox: Toolbox) -> Report:
    """Run the folder where nothing can be hurt."""
    outcome = await run_rehearsal(request, folder, toolbox, watched=await watched(request, folder, toolbox))
    return of_rehearsal(outcome, request)


async def run_rehearsal(
    request: MigrateBackendRequest,
    folder: MigrationFolder,
    toolbox: Toolbox,
    *,
    watched: frozenset[str] | None = None,
) -> Rehearsal:
    """Rehearse on the engine of the folder's dialect."""
    if folder.dialect == "sqlite":
        from backend.rehearsal.sqlite import rehearse_sqlite

        return await rehearse_sqlite(folder, request.timeout_seconds, toolbox.progress)
    from backend.rehearsal.rehearse import Options
    from backend.rehearsal.rehearse import rehearse as on_postgres

    options = Options(
        watched=watched,
        seed_rows=request.seed_rows,
        prove=request.prove,
        timeout_seconds=request.timeout_seconds,
    )
    return await on_postgres(toolbox.postgres, folder, options, toolbox.progress)


async def watched(request: MigrateBackendRequest, folder: MigrationFolder, toolbox: Toolbox) -> frozenset[str] | None:
    """The versions to trace, or ``None`` for all.

    Raises:
        ToolError: ``since`` is no version of the folder.
    """
    chosen = folder.migrations
    if request.since:
        versions = [migration.version for migration in chosen]
        if request.since not in versions:
            raise ToolError(f"since: no migration has version {request.since}; the newest is {versions[-1]}")
        chosen = chosen[versions.index(request.since) + 1 :]
    if request.changed:
        from backend.review.changed import changed_lines

        lines = await changed_lines(toolbox.workspace.root, request.base)
        touched = {*lines.ranges, *lines.whole}
        chosen = tuple(item for item in chosen if touched & {file_of(item.path), file_of(item.down_path)})
    if not request.since and not request.changed:
        return None
    return frozenset(migration.version for migration in chosen)


def file_of(path: str) -> str:
    """The file behind a migration's path: a part of it may be named after ``#``."""
    return path.partition("#")[0]


async def plan(request: MigrateBackendRequest, folder: MigrationFolder, toolbox: Toolbox) -> Report:
    """What would run, in order; nothing is executed. Without a target every migration is pending."""
    if not toolbox.targets.database_url:
        return reports.of_plan(folder, folder.migrations, request=request, target="")
    async with open_target(toolbox.targets.database_url) as target:
        where = await stand(target, folder)
        return reports.of_plan(folder, where.pending, request=request, target=target.engine)


async def status(request: MigrateBackendRequest, folder: MigrationFolder, toolbox: Toolbox) -> Report:
    """Applied, pending, changed since applied, unknown to the folder."""
    async with open_target(toolbox.targets.database_url) as target:
        return reports.of_status(folder, await stand(target, folder), target.engine, request=request)


async def stand(target: Target, folder: MigrationFolder) -> Standing:
    """Where the folder stands against the target.

    Raises:
        TargetError: the folder is written for another engine.
    """
    if target.dialect != folder.dialect:
        raise TargetError(f"the folder is {folder.dialect} SQL, the target is {target.engine}")
    ledger, rows = await target.recorded(candidates(folder))
    return standing(folder, ledger, rows)


async def drift(request: MigrateBackendRequest, folder: MigrationFolder, toolbox: Toolbox) -> Report:
    """Compare the target with what the applied part of the folder makes."""
    async with open_target(toolbox.targets.database_url) as target:
        where = await stand(target, folder)
        actual = await target.fingerprint()
        made_of = where.applied if where.ledger else folder.migrations
        expected = await expected_fingerprint(made_of, folder, toolbox, request.timeout_seconds)
        table = where.ledger.table if where.ledger else ""
        known = target.engine if folder.dialect == "sqlite" else f"PostgreSQL {toolbox.postgres.version}"
        return reports.of_drift(folder, expected, actual, ledger=table, engine=target.engine, replayed_on=known)


async def expected_fingerprint(
    migrations: tuple[Migration, ...], folder: MigrationFolder, toolbox: Toolbox, timeout_seconds: float
) -> dict[str, str]:
    """The fingerprint of a scratch database in which ``migrations`` were run.

    Raises:
        TargetError: one of them fails.
    """
    from backend.rehearsal.expected import replayed_postgres, replayed_sqlite

    if folder.dialect == "sqlite":
        return await replayed_sqlite(migrations, timeout_seconds)
    return await replayed_postgres(toolbox.postgres, migrations, timeout_seconds)
