"""Rehearsing a SQLite folder in memory: every statement runs, every down is tried."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Awaitable, Callable

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


async def rehearse_sqlite(folder: MigrationFolder, timeout_seconds: float, progress: Progress) -> Rehearsal:
    """Replay ``folder`` in a database in memory; go down and up again where there is a down."""
    began = time.perf_counter()
    outcome = Rehearsal(folder, f"SQLite {sqlite3.sqlite_version}")
    async with open_scratch() as database:
        for number, migration in enumerate(folder.migrations):
            await progress(number, len(folder.migrations), migration.name)
            rehearsed = await _one(database, migration, timeout_seconds)
            outcome.migrations.append(rehearsed)
            if rehearsed.failed:
                left = len(folder.migrations) - number - 1
                if left:
                    outcome.not_tested.append(f"{left} migrations after {migration.path}: not run")
                break
    outcome.not_tested.append("locks and rewrites: SQLite locks the whole file for every change")
    outcome.seconds = time.perf_counter() - began
    return outcome


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
        rehearsed.findings += about_round_trip(trip, migration.name, _place_of_down(migration))
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


def _place_of_down(migration: Migration) -> Location:
    return Location(path=migration.down_path or migration.path, line=migration.down_line)


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
