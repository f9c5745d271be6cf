"""Rehearsing a whole folder on PostgreSQL, one migration after the other.

For each migration that is watched: seed a few rows, keep the state, run the up statement by statement, go down
and up again, and prove the fixes against the state that was kept.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from backend.engines.catalog import read_schema
from backend.judge import RulesByKind, by_kind
from backend.prove import prove_fix
from backend.rehearsal import seed as rows
from backend.rehearsal.findings import about_data, about_round_trip
from backend.rehearsal.outcome import Rehearsal, Rehearsed
from backend.rehearsal.replay import (
    Judged,
    Replay,
    findings_of,
    has_provable_suspect,
    replay_plainly,
    replay_watched,
    script_of,
)
from backend.rehearsal.round_trip import present, round_trip
from knowledge.migration import Migration, MigrationFolder
from knowledge.report import Finding, Fix
from knowledge.statement import Script

if TYPE_CHECKING:
    import asyncpg

    from backend.engines.postgres.host import PostgresHost, Scratch

Progress = Callable[[float, float, str], Awaitable[None]]


@dataclass(frozen=True)
class Options:
    """How to rehearse. ``watched`` holds the versions to trace; ``None`` means all of them."""

    watched: frozenset[str] | None = None
    seed_rows: int = 3
    prove: bool = True
    most_proofs: int = 12
    timeout_seconds: float = 30.0
    setup_sql: str = ""
    """SQL that makes what the folder expects to find, run first by the guest."""


class Rehearser:
    """One rehearsal: a scratch database, the rules, and what has been seen so far."""

    def __init__(self, host: PostgresHost, folder: MigrationFolder, options: Options, progress: Progress) -> None:
        self._host, self._folder, self._options, self._progress = host, folder, options, progress
        self._rules: RulesByKind = by_kind()
        self._seeding = rows.Seeding()
        self._proofs = 0
        self._outcome = Rehearsal(folder, "")

    async def run(self) -> Rehearsal:
        """Rehearse the folder; an SQL error ends it there and is a finding, never an exception."""
        began = time.perf_counter()
        await self._host.start()
        self._outcome.engine = f"PostgreSQL {self._host.version}"
        async with self._host.scratch() as scratch:
            await self._set_up(scratch)
            for number, migration in enumerate(self._folder.migrations):
                await self._progress(number, len(self._folder.migrations), migration.name)
                rehearsed = await self._one(scratch, migration)
                self._outcome.migrations.append(rehearsed)
                if rehearsed.failed:
                    self._stopped(number)
                    break
        self._outcome.assumptions += self._assumptions()
        self._outcome.seconds = time.perf_counter() - began
        return self._outcome

    async def _set_up(self, scratch: Scratch) -> None:
        if self._options.setup_sql:
            script = script_of(self._options.setup_sql, "setup", 1)
            error = await replay_plainly(
                scratch, script, transactional=False, timeout_seconds=self._options.timeout_seconds
            )
            if error is not None:
                self._outcome.not_tested.append(f"the setup failed: {error.message}")

    async def _one(self, scratch: Scratch, migration: Migration) -> Rehearsed:
        watched = self._options.watched
        script = script_of(migration.up, migration.path, migration.up_line)
        if watched is not None and migration.version not in watched:
            return await self._plainly(scratch, migration, script)
        return await self._watched(scratch, migration, script)

    async def _plainly(self, scratch: Scratch, migration: Migration, script: Script) -> Rehearsed:
        began = time.perf_counter()
        error = await replay_plainly(
            scratch,
            script,
            transactional=migration.transactional,
            timeout_seconds=self._options.timeout_seconds,
        )
        rehearsed = Rehearsed(migration, traced=False, failed=error is not None)
        if error is not None:
            # Again, watched this time, so that the finding has its line and its evidence.
            return await self._watched(scratch, migration, script)
        rehearsed.seconds = time.perf_counter() - began
        return rehearsed

    async def _watched(self, scratch: Scratch, migration: Migration, script: Script) -> Rehearsed:
        began = time.perf_counter()
        rehearsed = Rehearsed(migration, traced=True)
        await self._seed(scratch)
        before = await present(scratch) if migration.down is not None else {}
        template = await self._keep(scratch, migration, script)
        try:
            replay = await self._replay(scratch, migration, script)
            rehearsed.findings += [*replay.problems, *findings_of(replay.judged)]
            if replay.failed_on_data and replay.undone and self._seeding.filled:
                replay = await self._without_rows(scratch, migration, script, rehearsed, replay)
            rehearsed.traces = replay.traces
            rehearsed.failed = replay.error is not None
            if template and self._options.prove:
                rehearsed.findings = await self._prove(rehearsed.findings, replay.judged, template)
        finally:
            if template:
                await self._host.drop(template)
        if not rehearsed.failed and migration.down is not None:
            await self._there_and_back(scratch, rehearsed, before)
        rehearsed.seconds = time.perf_counter() - began
        return rehearsed

    async def _replay(self, scratch: Scratch, migration: Migration, script: Script) -> Replay:
        return await replay_watched(
            scratch,
            script,
            transactional=migration.transactional,
            rules=self._rules,
            version=self._host.version,
            timeout_seconds=self._options.timeout_seconds,
        )

    async def _without_rows(
        self, scratch: Scratch, migration: Migration, script: Script, rehearsed: Rehearsed, failed: Replay
    ) -> Replay:
        """Seeded rows stopped it: say so as an assumption, and go on without them."""
        async with _admin(scratch) as connection:
            await rows.remove(connection, await read_schema(connection), self._seeding)
        replay = await self._replay(scratch, migration, script)
        if replay.error is None:
            rehearsed.findings = [about_data(finding) for finding in rehearsed.findings]
            known = {(finding.rule, finding.location.line, finding.subject) for finding in rehearsed.findings}
            rehearsed.findings += [
                finding
                for finding in findings_of(replay.judged)
                if (finding.rule, finding.location.line, finding.subject) not in known
            ]
            rehearsed.emptied = True
        return replay if replay.error is None else failed

    async def _seed(self, scratch: Scratch) -> None:
        async with _admin(scratch) as connection:
            await rows.seed(connection, await read_schema(connection), self._seeding, self._options.seed_rows)

    async def _keep(self, scratch: Scratch, migration: Migration, script: Script) -> str:
        """A snapshot of the state before, where some fix may have to be proven against it."""
        wanted = self._options.prove and self._proofs < self._options.most_proofs
        if wanted and has_provable_suspect(
            script, self._rules, transactional=migration.transactional, version=self._host.version
        ):
            return await scratch.snapshot()
        return ""

    async def _prove(self, findings: list[Finding], judged: Collection[Judged], template: str) -> list[Finding]:
        proven = {id(item.judgement.finding): item for item in judged}
        done = []
        for finding in findings:
            item = proven.get(id(finding))
            if item is None or not finding.fixes or not finding.fixes[0].steps:
                done.append(finding)
                continue
            done.append(finding.model_copy(update={"fixes": [await self._prove_one(item, finding.fixes[0], template)]}))
        return done

    async def _prove_one(self, item: Judged, fix: Fix, template: str) -> Fix:
        if self._proofs >= self._options.most_proofs:
            return fix.model_copy(update={"proof": f"not proven: only {self._options.most_proofs} fixes are run"})
        self._proofs += 1
        return await prove_fix(
            self._host,
            template=template,
            earlier=item.earlier,
            context=replace(item.context, earlier=()),
            rule=item.judgement.rule,
            hit=item.judgement.hit,
            fix=fix,
            timeout_seconds=self._options.timeout_seconds,
        )

    async def _there_and_back(self, scratch: Scratch, rehearsed: Rehearsed, before: dict[str, str]) -> None:
        await self._seed(scratch)
        migration = rehearsed.migration
        rehearsed.round_trip = await round_trip(
            scratch, migration, before, timeout_seconds=self._options.timeout_seconds
        )
        rehearsed.findings += about_round_trip(migration, rehearsed.round_trip)
        if rehearsed.round_trip.error:
            rehearsed.failed = True

    def _stopped(self, number: int) -> None:
        left = self._folder.migrations[number + 1 :]
        if left:
            self._outcome.not_tested.append(
                f"{len(left)} migrations after the one that failed, from {left[0].path} on: not run"
            )

    def _assumptions(self) -> list[str]:
        said = list(rows.refusals(self._seeding))
        if self._seeding.filled:
            said.insert(0, f"{len(self._seeding.filled)} tables hold {self._options.seed_rows} generated rows each")
        emptied = [item.migration.path for item in self._outcome.migrations if item.emptied]
        said += [f"{path} failed on generated rows and was run again without them" for path in emptied]
        return said


@asynccontextmanager
async def _admin(scratch: Scratch) -> AsyncIterator[asyncpg.Connection]:
    """An administrator's session for the length of a block."""
    connection = await scratch.connect(admin=True)
    try:
        yield connection
    finally:
        await connection.close()


async def rehearse(host: PostgresHost, folder: MigrationFolder, options: Options, progress: Progress) -> Rehearsal:
    """Rehearse ``folder`` on ``host``.

    Raises:
        EngineError: the engine itself could not be used; SQL errors are findings.
    """
    return await Rehearser(host, folder, options, progress).run()
