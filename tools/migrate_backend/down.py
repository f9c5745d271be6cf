"""``down``: the newest migrations taken back on the operator's database, after saying what that loses."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from backend.rehearsal.loss import Lost, lost_by_going_down
from backend.targets.ledger import Standing
from backend.targets.target import Target, TargetError, open_target
from knowledge.migration import Migration, MigrationFolder
from knowledge.report import Basis, Evidence, Fact, Finding, Outcome, Report, Severity, Table
from tools.migrate_backend import actions
from tools.migrate_backend.apply import recorder
from tools.migrate_backend.reports import TOOL, call
from tools.spec import ToolError
from tools.toolbox import Toolbox

if TYPE_CHECKING:
    from tools.migrate_backend import MigrateBackendRequest

HASH_LENGTH = 16
NOT_TESTED = "values that stay but are rounded or cut when a column goes back to a narrower type"


async def down(request: MigrateBackendRequest, folder: MigrationFolder, toolbox: Toolbox) -> Report:
    """Say what going back loses; go back where the hash of that answer is given.

    Raises:
        ToolError: nothing can be taken back, or the hash is not that of what would be done now.
        TargetError: the target cannot be used, or a way back fails when it is tried.
    """
    if request.plan_hash and toolbox.workspace.read_only:
        raise ToolError("the server was started with --read-only: down is refused")
    async with open_target(toolbox.targets.database_url, write=bool(request.plan_hash)) as target:
        where = await actions.stand(target, folder)
        recorder(folder, where)
        going = _going(request, where)
        lost = await lost_by_going_down(toolbox.postgres, folder, where.applied, going, request.timeout_seconds)
        counted = await _counted(target, lost)
        digest = _hash(folder, going, counted, target.engine)
        if not request.plan_hash:
            return _warning(request, going, counted, digest, target.engine)
        if request.plan_hash != digest:
            told = "plan_hash is not the hash of what would be done now: files or rows changed"
            raise ToolError(f"{told}. Look again: {call(request, 'down')}")
        async with target.exclusive():
            if await actions.stand(target, folder) != where:
                raise ToolError("another process migrated the database meanwhile; look again")
            return await _run(request, folder, where, going, counted, target)


def _going(request: MigrateBackendRequest, where: Standing) -> tuple[Migration, ...]:
    """The migrations to take back, newest first.

    Raises:
        ToolError: none is applied, ``since`` is none of them, or one has no way back.
    """
    versions = [migration.version for migration in where.applied]
    if not versions:
        raise ToolError("no migration of this folder is applied: there is nothing to take back")
    if request.since and request.since not in versions:
        raise ToolError(f"since: version {request.since} is not applied; the newest that is: {versions[-1]}")
    start = versions.index(request.since) + 1 if request.since else len(versions) - 1
    going = where.applied[start:][::-1]
    if not going:
        raise ToolError(f"{request.since} is the newest applied version: there is nothing to take back")
    for migration in going:
        if migration.down is None:
            raise ToolError(f"{migration.path} has no way back; write a migration forward instead")
        if len(migration.after) > 1:
            raise ToolError(f"{migration.path} joins branches; go back with alembic downgrade itself")
    return going


async def _counted(target: Target, lost: tuple[Lost, ...]) -> list[tuple[Lost, int]]:
    counts = await target.count([item.query for item in lost])
    return list(zip(lost, counts, strict=True))


def _hash(folder: MigrationFolder, going: tuple[Migration, ...], lost: list[tuple[Lost, int]], engine: str) -> str:
    parts = [folder.content_hash, engine, *(migration.version for migration in going)]
    parts += [f"{item.name}={count}" for item, count in lost]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:HASH_LENGTH]


def _warning(
    request: MigrateBackendRequest,
    going: tuple[Migration, ...],
    lost: list[tuple[Lost, int]],
    digest: str,
    engine: str,
) -> Report:
    gone = [(item, count) for item, count in lost if count]
    rows = sum(count for item, count in gone if not item.column)
    values = sum(count for item, count in gone if item.column)
    findings = [
        Finding(
            rule="down-loses-data",
            severity=Severity.HIGH,
            message=f"going back drops {item.name}: {count} {'values' if item.column else 'rows'} would be lost",
            subject=item.name,
            evidence=[Evidence(basis=Basis.OBSERVED, action=item.query, result=str(count))],
        )
        for item, count in gone
    ]
    return Report(
        tool=TOOL,
        outcome=Outcome.FINDINGS if findings else Outcome.PASS,
        headline=f"{len(going)} migrations would be taken back on {engine}: {rows} rows and {values} values lost;"
        " nothing was changed",
        facts=[
            Fact(name="rows lost", value=str(rows)),
            Fact(name="values lost", value=str(values)),
            Fact(name="plan_hash", value=digest),
        ],
        findings=findings,
        tables=[_table("would be taken back, in order", going), _lost_table(lost)],
        not_tested=[NOT_TESTED],
        next_step=f"Keep a copy of what is lost, then {_again(request, digest)}",
    )


def _again(request: MigrateBackendRequest, digest: str) -> str:
    made = call(request, "down", digest)
    return f'{made[:-1]}, since="{request.since}")' if request.since else made


async def _run(
    request: MigrateBackendRequest,
    folder: MigrationFolder,
    where: Standing,
    going: tuple[Migration, ...],
    lost: list[tuple[Lost, int]],
    target: Target,
) -> Report:
    made = await target.prepare(recorder(folder, where))
    done: list[Migration] = []
    failure = ""
    for migration in going:
        try:
            await target.apply(migration, down=True)
        except TargetError as error:
            failure = str(error)
            break
        done.append(migration)
    findings = []
    if failure:
        seen = Evidence(basis=Basis.OBSERVED, action="ran it on the operator's database", result=failure)
        path = going[len(done)].path
        findings.append(
            Finding(rule="down-failed", severity=Severity.HIGH, message=failure, subject=path, evidence=[seen])
        )
    return Report(
        tool=TOOL,
        outcome=Outcome.FINDINGS if failure else Outcome.PASS,
        headline=f"{len(done)} of {len(going)} migrations taken back on {target.engine}"
        + (f": {failure}" if failure else ""),
        facts=[Fact(name="taken back", value=str(len(done))), Fact(name="records", value=made)],
        findings=findings,
        tables=[_table("taken back", tuple(done)), _lost_table(lost)],
        next_step=call(request, "status"),
    )


def _table(title: str, going: tuple[Migration, ...]) -> Table:
    return Table(title=title, columns=["version", "file"], rows=[[item.version, item.path] for item in going])


def _lost_table(lost: list[tuple[Lost, int]]) -> Table:
    rows = [[item.table, item.column or "(all)", str(count)] for item, count in lost]
    return Table(title="lost", columns=["table", "column", "rows or values"], rows=rows[:60])
