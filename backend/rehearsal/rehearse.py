"""Rehearsing a whole folder on PostgreSQL, one migration after the other.

For each migration that is watched: seed a few rows, keep the state, run the up statement by statement, prove the
fixes against the state that was kept, and go down and up again.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backend.engines.catalog import read_schema
from backend.judge import RulesByKind, by_kind
from backend.rehearsal import seed as rows
from backend.rehearsal.beginning import beginning_of, lacks_beginning
from backend.rehearsal.findings import about_data, about_round_trip
from backend.rehearsal.line import Line
from backend.rehearsal.outcome import Failure, Rehearsal, Rehearsed
from backend.rehearsal.proofs import Proofs
from backend.rehearsal.replay import Replay, down_of, findings_of, has_provable_suspect, replay_watched, up_of
from backend.rehearsal.round_trip import State, round_trip, state_of
from knowledge.migration import Migration, MigrationFolder
from knowledge.report import Location
from knowledge.statement import Script
from knowledge.synthesis import Synthesis

if TYPE_CHECKING:
    from backend.engines.postgres.host import PostgresHost

Progress = Callable[[float, float, str], Awaitable[None]]


@dataclass(frozen=True)
class Options:
    """How to rehearse. ``watched`` holds the versions to trace; ``None`` means all of them."""

    watched: frozenset[str] | None = None
    seed_rows: int = 3
    prove: bool = True
    timeout_seconds: float = 30.0


async def rehearse(host: PostgresHost, folder: MigrationFolder, options: Options, progress: Progress) -> Rehearsal:
    """Rehearse ``folder``; an SQL error ends it there and is a finding, never an exception.

    A folder that alters what it does not create is rehearsed on made-up tables, and says so.

    Raises:
        EngineError: the engine itself could not be used.
    """
    await host.start()
    first = await _Rehearser(host, folder, options, progress).run()
    groundwork = beginning_of(folder.migrations) if _lacks_beginning(first) else None
    if groundwork is None:
        return first
    second = await _Rehearser(host, folder, options, progress, groundwork).run()
    second.seconds += first.seconds
    return second if _got_further(second, first) else first


def _lacks_beginning(rehearsal: Rehearsal) -> bool:
    last = rehearsal.migrations[-1] if rehearsal.migrations else None
    if last is None:
        return False
    ran = [item for one in rehearsal.migrations[:-1] for item in up_of(one.migration).statements]
    ran += [trace.statement for trace in last.traces if trace.error is None]
    return lacks_beginning(last.error, ran)


def _got_further(one: Rehearsal, other: Rehearsal) -> bool:
    """Whether ``one`` came further than ``other``, counting statements."""

    def reached(rehearsal: Rehearsal) -> tuple[int, int]:
        return len(rehearsal.migrations), len(rehearsal.migrations[-1].traces)

    return one.passed or reached(one) > reached(other)


class _Rehearser:
    """One rehearsal: a database, the rules, and what has been seen so far."""

    def __init__(
        self,
        host: PostgresHost,
        folder: MigrationFolder,
        options: Options,
        progress: Progress,
        groundwork: Synthesis | None = None,
    ) -> None:
        self._host, self._folder, self._options, self._progress = host, folder, options, progress
        self._groundwork = groundwork
        self._rules: RulesByKind = by_kind()
        self._seeding = rows.Seeding()
        self._proofs = Proofs(host, statement_seconds=options.timeout_seconds)
        self._outcome = Rehearsal(folder, f"PostgreSQL {host.version}")
        self._catalog: dict[str, str] | None = None
        """The fingerprint of the database as it stands, where it is known: rows do not change it."""

    async def run(self) -> Rehearsal:
        """Rehearse from the first migration to the last, or to the first that fails."""
        began = time.perf_counter()
        total = len(self._folder.migrations)
        async with Line(self._host, self._options.timeout_seconds, self._groundwork) as line:
            self._outcome.not_tested += line.notes
            for number, migration in enumerate(self._folder.migrations):
                await self._progress(number, total, f"{migration.path} ({number + 1} of {total})")
                rehearsed = await self._one(line, migration, self._folder.migrations[: number + 1])
                self._outcome.migrations.append(rehearsed)
                if rehearsed.failed:
                    self._stopped(number)
                    break
        await self._progress(total, total, "done")
        self._outcome.assumptions += self._assumptions()
        self._outcome.seconds = time.perf_counter() - began
        return self._outcome

    async def _one(self, line: Line, migration: Migration, so_far: tuple[Migration, ...]) -> Rehearsed:
        began = time.perf_counter()
        watched = self._options.watched
        if watched is None or migration.version in watched:
            rehearsed = await self._watched(line, migration, so_far)
        elif await line.replay(migration) is None:
            self._catalog = None
            rehearsed = Rehearsed(migration, traced=False, statements=len(up_of(migration).statements))
        else:  # again, watched and from the same state, so that the finding has its line and its evidence
            await self._start_again(line, so_far[:-1])
            rehearsed = await self._watched(line, migration, so_far)
        rehearsed.seconds = time.perf_counter() - began
        return rehearsed

    async def _watched(self, line: Line, migration: Migration, so_far: tuple[Migration, ...]) -> Rehearsed:
        script = up_of(migration)
        rehearsed = Rehearsed(migration, traced=True, statements=len(script.statements))
        await line.rest()
        await self._seed(line)
        catalog, self._catalog = self._catalog, None
        before = await state_of(line.scratch, catalog=catalog) if migration.down is not None else None
        template = await self._keep(line, migration, script)
        try:
            replay = await self._replay(line, migration, script)
            rehearsed.findings = [*replay.problems, *findings_of(replay.judged)]
            judged = list(replay.judged)
            if replay.failed_on_data and replay.undone and self._seeding.filled:
                replay = await self._without_rows(line, migration, script, rehearsed, replay)
                judged += replay.judged
            rehearsed.traces = replay.traces
            rehearsed.error = replay.error
            if self._options.prove:
                rehearsed.findings = await self._proofs.prove(rehearsed.findings, judged, template)
        finally:
            if template:
                await self._host.drop(template)
        if not rehearsed.failed and before is not None:
            await self._there_and_back(line, rehearsed, script, before, so_far)
        return rehearsed

    async def _replay(self, line: Line, migration: Migration, script: Script) -> Replay:
        return await replay_watched(
            line.scratch,
            script,
            transactional=migration.transactional,
            rules=self._rules,
            version=self._host.version,
            timeout_seconds=self._options.timeout_seconds,
        )

    async def _without_rows(
        self, line: Line, migration: Migration, script: Script, rehearsed: Rehearsed, failed: Replay
    ) -> Replay:
        """Seeded rows stopped it: say so as an assumption, and go on without them."""
        async with line.session() as connection:
            await rows.remove(connection, await read_schema(connection), self._seeding)
        replay = await self._replay(line, migration, script)
        if replay.error is not None:
            return failed
        last = failed.traces[-1].statement.location if failed.traces else Location()
        known = {(finding.rule, finding.location, finding.subject) for finding in rehearsed.findings}
        rehearsed.findings = [
            about_data(finding) if finding.location == last else finding for finding in rehearsed.findings
        ]
        rehearsed.findings += [
            finding
            for finding in findings_of(replay.judged)
            if (finding.rule, finding.location, finding.subject) not in known
        ]
        rehearsed.emptied = True
        return replay

    async def _seed(self, line: Line) -> None:
        async with line.session() as connection:
            await rows.seed(connection, await read_schema(connection), self._seeding, self._options.seed_rows)

    async def _keep(self, line: Line, migration: Migration, script: Script) -> str:
        """A snapshot of the state before, where some fix may have to be proven against it."""
        if not self._options.prove:
            return ""
        wanted = has_provable_suspect(
            script,
            self._rules,
            transactional=migration.transactional,
            version=self._host.version,
            allowed=self._proofs.allows,
        )
        return await line.scratch.snapshot() if wanted else ""

    async def _there_and_back(
        self, line: Line, rehearsed: Rehearsed, up: Script, before: State, so_far: tuple[Migration, ...]
    ) -> None:
        if not rehearsed.emptied:  # rows it cannot take would only stop its second run as they stopped the first
            await self._seed(line)
        migration = rehearsed.migration
        down = down_of(migration)
        trip = await round_trip(
            line.scratch,
            up,
            down,
            before,
            transactional=migration.transactional,
            timeout_seconds=self._options.timeout_seconds,
        )
        rehearsed.round_trip = trip
        self._catalog = trip.end or None
        place = Location(path=down.path, line=migration.down_line)
        rehearsed.findings += about_round_trip(trip, migration.name, place)
        controls = any(statement.kind == "TransactionStmt" for statement in down.statements)
        undamaged = trip.failed == "down" and migration.transactional and not controls
        if trip.failed and not undamaged and (failure := await self._start_again(line, so_far)):
            rehearsed.error = failure.error

    async def _start_again(self, line: Line, so_far: tuple[Migration, ...]) -> Failure | None:
        self._seeding, self._catalog = rows.Seeding(), None
        return await line.start_again(so_far)

    def _stopped(self, number: int) -> None:
        left = self._folder.migrations[number + 1 :]
        if left:
            what = "1 migration" if len(left) == 1 else f"{len(left)} migrations"
            self._outcome.not_tested.append(f"{what} after the one that failed, from {left[0].path} on: not run")

    def _assumptions(self) -> list[str]:
        said = list(self._groundwork.assumptions) if self._groundwork is not None else []
        if self._seeding.filled:
            number = len(self._seeding.filled)
            tables = "1 table" if number == 1 else f"{number} tables"
            said.append(f"{tables} held up to {self._options.seed_rows} generated rows each")
        said += rows.refusals(self._seeding)
        emptied = [item.migration.path for item in self._outcome.migrations if item.emptied]
        said += [f"{path} failed on generated rows and was run again without them" for path in emptied]
        return said
