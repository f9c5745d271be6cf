"""``apply``: the pending migrations run on the operator's database, if they are those that were rehearsed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.rehearsal.record import RECORD, changes_since, engine_in, hash_in, plan_hash
from backend.targets.ledger import Records, Standing, records_of
from backend.targets.target import Target, TargetError, open_target
from knowledge.migration import Migration, MigrationFolder
from knowledge.report import Report
from tools.migrate_backend import actions, reports
from tools.spec import ToolError
from tools.toolbox import Toolbox

if TYPE_CHECKING:
    from tools.migrate_backend import MigrateBackendRequest


async def apply(request: MigrateBackendRequest, folder: MigrationFolder, toolbox: Toolbox) -> Report:
    """Run the pending migrations.

    Raises:
        ToolError: the server is read-only, the hash is not that of a passed rehearsal of these files, another
            tool keeps this database, or an applied file was edited.
        TargetError: the target cannot be used, or another applier is at work.
    """
    if toolbox.workspace.read_only:
        raise ToolError("the server was started with --read-only: apply is refused")
    if not request.plan_hash:
        raise ToolError("apply needs plan_hash: call action=rehearse first and pass the hash it gives")
    async with open_target(toolbox.targets.database_url, write=True) as target:
        recorder(folder, await actions.stand(target, folder))
        engine = await check_rehearsed(request, folder, toolbox)
        async with target.exclusive():
            where = await actions.stand(target, folder)
            records = recorder(folder, where)
            return await _apply(target, where, records, folder, toolbox, request, rehearsed_on=engine)


async def _apply(
    target: Target,
    where: Standing,
    records: Records,
    folder: MigrationFolder,
    toolbox: Toolbox,
    request: MigrateBackendRequest,
    *,
    rehearsed_on: str,
) -> Report:
    applied: list[Migration] = []
    failure = ""
    made = await target.prepare(records) if where.pending else ""
    for number, migration in enumerate(where.pending):
        await toolbox.progress(number, len(where.pending), f"apply {migration.path}")
        try:
            await target.apply(migration)
        except TargetError as error:
            failure = str(error)
            break
        applied.append(migration)
    left = where.pending[len(applied) :]
    return reports.of_apply(
        folder, applied, left, failure, target.engine, request=request, made=made, rehearsed_on=rehearsed_on
    )


def recorder(folder: MigrationFolder, where: Standing) -> Records:
    """How to record what is applied, so that the database's own records stay right.

    Raises:
        ToolError: another tool keeps this database, or an applied file changed.
    """
    records = records_of(folder, where.ledger)
    if records is None and where.ledger is not None:
        raise ToolError(
            f"this database is kept by {where.ledger.tool} ({where.ledger.table}): the rehearsal holds, but apply with"
            f" {where.ledger.tool} itself, so that its records stay right"
        )
    if where.changed:
        names = ", ".join(migration.path for migration in where.changed[:5])
        raise ToolError(f"applied files have changed since: {names}. Put the change into a new migration")
    assert records is not None
    return records


async def check_rehearsed(request: MigrateBackendRequest, folder: MigrationFolder, toolbox: Toolbox) -> str:
    """Make sure that exactly these files passed a rehearsal under the given hash; on which engine.

    A rehearsal this process remembers is enough; without one (another process made it) the folder is rehearsed
    again, and must come to the same hash.

    Raises:
        ToolError: it does not; the text names the files that changed, where they are known.
    """
    known = remembered(request.plan_hash, toolbox)
    if known:
        changes = changes_since(known, folder)
        if changes:
            raise ToolError(f"changed since the rehearsal: {', '.join(changes[:5])}. Rehearse again")
        return engine_in(known)
    outcome = await actions.run_rehearsal(request, folder, toolbox, watched=frozenset())
    now = plan_hash(folder, outcome.engine) if outcome.passed else ""
    if not now:
        raise ToolError("plan_hash: the folder does not pass a rehearsal now. Rehearse it and read the findings")
    if now != request.plan_hash:
        raise ToolError(
            f"plan_hash {request.plan_hash} is not the hash of this folder as it is now: a file changed since the"
            " rehearsal, or it was another folder, format or engine. Rehearse again"
        )
    return outcome.engine


def remembered(digest: str, toolbox: Toolbox) -> str:
    """The record of a passed rehearsal of this process under ``digest``, or ``""``."""
    for run in reversed(toolbox.runs.ids()):
        for artifact in toolbox.runs.get(run).artifacts:
            if artifact.name == RECORD and hash_in(artifact.text) == digest:
                return artifact.text
    return ""
