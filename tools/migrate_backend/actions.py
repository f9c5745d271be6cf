"""The five actions, each a short recipe."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from backend.migration_source import load_migrations
from backend.rehearsal.outcome import Rehearsal
from backend.targets.ledger import Standing, candidates, standing
from backend.targets.target import Target, TargetError, open_target
from knowledge.migration import Migration, MigrationFolder
from knowledge.report import Report
from tools.migrate_backend import reports
from tools.spec import ToolError
from tools.toolbox import Toolbox

if TYPE_CHECKING:
    from tools.migrate_backend import MigrateBackendRequest


async def perform(request: MigrateBackendRequest, toolbox: Toolbox) -> Report:
    """Load the folder and do what the action says."""
    folder = await load_migrations(
        toolbox.workspace,
        request.path,
        format=request.format,
        placeholders=placeholders(request.placeholders),
        allow_project_code=request.allow_project_code,
    )
    folder = folder.placed(toolbox.workspace.relative(toolbox.workspace.existing(request.path)))
    action = {"plan": plan, "rehearse": rehearse, "apply": apply, "status": status, "drift": drift}[request.action]
    return toolbox.runs.keep(await action(request, folder, toolbox))


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
    return reports.of_rehearsal(outcome, rehearsal_hash(outcome), path=request.path)


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


def rehearsal_hash(outcome: Rehearsal) -> str:
    """What a rehearsal's result is known by; empty where it did not pass.

    It depends on every file's content, their order and the engine, and on nothing else, so that the same folder
    rehearsed again, here or elsewhere, has the same one.
    """
    if not outcome.passed:
        return ""
    return hashlib.sha256(f"{outcome.folder.content_hash}\n{outcome.engine}".encode()).hexdigest()[:16]


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
        chosen = tuple(item for item in chosen if item.path in touched)
    if not request.since and not request.changed:
        return None
    return frozenset(migration.version for migration in chosen)


async def plan(request: MigrateBackendRequest, folder: MigrationFolder, toolbox: Toolbox) -> Report:
    """What would run, in order; nothing is executed. Without a target every migration is pending."""
    if not toolbox.targets.database_url:
        return reports.of_plan(folder, folder.migrations, path=request.path, target="")
    async with open_target(toolbox.targets.database_url) as target:
        where = await stand(target, folder)
        return reports.of_plan(folder, where.pending, path=request.path, target=target.engine)


async def status(request: MigrateBackendRequest, folder: MigrationFolder, toolbox: Toolbox) -> Report:
    """Applied, pending, changed since applied, unknown to the folder."""
    async with open_target(toolbox.targets.database_url) as target:
        return reports.of_status(folder, await stand(target, folder), target.engine, path=request.path)


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
        return reports.of_drift(folder, expected, actual, ledger=table, engine=target.engine)


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


async def apply(request: MigrateBackendRequest, folder: MigrationFolder, toolbox: Toolbox) -> Report:
    """Run the pending migrations on the operator's database, if they are those that were rehearsed.

    The rehearsal is run again here: its hash must be the one given, so that a file that changed since, or a
    rehearsal that fails now, stops everything.
    """
    if toolbox.workspace.read_only:
        raise ToolError("the server was started with --read-only: apply is refused")
    if not request.plan_hash:
        raise ToolError("apply needs plan_hash: call action=rehearse first and pass the hash it gives")
    async with open_target(toolbox.targets.database_url, write=True) as target:
        where = await stand(target, folder)
        refuse(where)
        outcome = await run_rehearsal(request, folder, toolbox, watched=frozenset())
        if rehearsal_hash(outcome) != request.plan_hash:
            raise ToolError(
                "plan_hash is not the hash of this folder as it is now: a file changed since the rehearsal, or it does"
                " not pass. Rehearse again and read its findings"
            )
        applied: list[Migration] = []
        failure = ""
        for number, migration in enumerate(where.pending):
            await toolbox.progress(number, len(where.pending), f"apply {migration.name}")
            try:
                await target.apply(migration)
            except TargetError as error:
                failure = str(error)
                break
            applied.append(migration)
        return reports.of_apply(folder, applied, where.pending[len(applied) :], failure, target.engine)


def refuse(where: Standing) -> None:
    """Raise where applying would make the database's own records wrong.

    Raises:
        ToolError: another tool keeps this database, or an applied file changed.
    """
    if where.ledger is not None and where.ledger.tool != "architect":
        raise ToolError(
            f"this database is kept by {where.ledger.tool} ({where.ledger.table}): the rehearsal holds, but apply with"
            f" {where.ledger.tool} itself, so that its records stay right"
        )
    if where.changed:
        names = ", ".join(migration.path for migration in where.changed[:5])
        raise ToolError(f"applied files have changed since: {names}. Put the change into a new migration")
