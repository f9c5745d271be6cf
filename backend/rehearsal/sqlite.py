"""Rehearsing a SQLite folder in memory: every statement runs, every down is tried."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack

from backend.engines.fingerprint import difference
from backend.engines.sqlite import SqliteDatabase, StatementOutcome, open_scratch
from backend.rehearsal.findings import about_round_trip
from backend.rehearsal.outcome import Failure, Rehearsal, Rehearsed, RoundTrip
from backend.targets.sqlite import sqlite_fingerprint
from knowledge.migration import Migration, MigrationFolder
from knowledge.report import Basis, Evidence, Finding, Location, Severity
from knowledge.trace import SqlError

Progress = Callable[[float, float, str], Awaitable[None]]
ERROR_RULE = "migration-fails"
NOT_TESTED = (
    "locks, scans and rewrites: SQLite locks the whole file for every change",
    "failures that only existing rows cause: SQLite folders are rehearsed on empty tables",
)


async def rehearse_sqlite(folder: MigrationFolder, timeout_seconds: float, progress: Progress) -> Rehearsal:
    """Replay ``folder`` in a database in memory; go down and up again where there is a down."""
    began = time.perf_counter()
    outcome = Rehearsal(folder, f"SQLite {sqlite3.sqlite_version}")
    total = len(folder.migrations)
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(open_scratch())
        for number, migration in enumerate(folder.migrations):
            await progress(number, total, f"{migration.path} ({number + 1} of {total})")
            rehearsed = await _one(database, migration, timeout_seconds)
            outcome.migrations.append(rehearsed)
            if rehearsed.failed:
                left = total - number - 1
                if left:
                    outcome.not_tested.append(f"{left} migrations after {migration.path}: not run")
                break
            if rehearsed.round_trip is not None and rehearsed.round_trip.failed:
                await stack.aclose()
                database = await stack.enter_async_context(open_scratch())
                await _replay(database, folder.migrations[: number + 1], timeout_seconds)
    await progress(total, total, "done")
    outcome.not_tested += NOT_TESTED
    outcome.seconds = time.perf_counter() - began
    return outcome


async def _replay(database: SqliteDatabase, migrations: Sequence[Migration], timeout_seconds: float) -> None:
    for migration in migrations:
        await database.run_script(migration.up, timeout_seconds=timeout_seconds)


async def _one(database: SqliteDatabase, migration: Migration, timeout_seconds: float) -> Rehearsed:
    began = time.perf_counter()
    rehearsed = Rehearsed(migration, traced=True)
    before = await sqlite_fingerprint(database)
    outcomes = await database.run_script(migration.up, timeout_seconds=timeout_seconds)
    rehearsed.statements = len(outcomes)
    failed = next((item for item in outcomes if item.error), None)
    if failed is not None:
        rehearsed.error = SqlError(failed.code, failed.error)
        rehearsed.findings.append(_failure(migration, failed))
    elif migration.down is not None:
        trip = await _there_and_back(database, migration, before, timeout_seconds)
        rehearsed.round_trip = trip
        place = Location(path=migration.down_path or migration.path, line=migration.down_line)
        rehearsed.findings += about_round_trip(trip, migration.name, place)
    rehearsed.seconds = time.perf_counter() - began
    return rehearsed


async def _there_and_back(
    database: SqliteDatabase, migration: Migration, before: dict[str, str], timeout_seconds: float
) -> RoundTrip:
    after = await sqlite_fingerprint(database)
    down: tuple[str, ...] = ()
    for text, way in ((migration.down or "", "down"), (migration.up, "up")):
        outcomes = await database.run_script(text, timeout_seconds=timeout_seconds)
        error = next((item.error for item in outcomes if item.error), "")
        if error:
            return RoundTrip(down, failed=way, failure=Failure(SqlError("", error)))
        if way == "down":
            down = tuple(difference(before, await sqlite_fingerprint(database)))
    return RoundTrip(down, tuple(difference(after, await sqlite_fingerprint(database))))


def _failure(migration: Migration, outcome: StatementOutcome) -> Finding:
    return Finding(
        rule=ERROR_RULE,
        severity=Severity.HIGH,
        message=f"fails: {outcome.error}",
        location=Location(path=migration.path, line=migration.up_line + outcome.line - 1),
        subject=outcome.code,
        evidence=[
            Evidence(basis=Basis.OBSERVED, action="executed it in SQLite", result=f"{outcome.code}: {outcome.error}")
        ],
    )
