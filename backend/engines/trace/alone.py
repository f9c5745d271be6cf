"""Watch a statement that refuses a transaction: from outside, while other sessions stand in its way.

It commits before its locks could be read from within, so it is made to wait at gates. While it waits, one
session reads what it holds and asks for, another tries to read and write, and then the gate opens.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import asyncpg

from backend.engines.trace.execution import Outcome
from backend.engines.trace.gates import Gates, gates_before, side_session
from backend.engines.trace.kinds import is_concurrent, relation_names
from backend.engines.trace.observation import KNOWN, Known, known_from
from backend.engines.trace.probing import Prober
from knowledge.statement import Statement
from knowledge.trace import Lock, LockMode, Probe

if TYPE_CHECKING:
    from backend.engines.postgres.host import Scratch

MOST_GATED = 32
_WHOLE_DATABASE = frozenset({"VacuumStmt", "ClusterStmt", "ReindexStmt"})

SAMPLE = """
SELECT l.relation::int8 AS oid, l.mode, l.granted, l.locktype AS type
FROM pg_catalog.pg_locks l
WHERE l.pid = $1 AND l.mode <> 'SIReadLock' AND (NOT l.granted OR l.locktype = 'relation' AND l.relation::int8 >= 16384)
"""
SCANS = "SELECT o AS oid, pg_catalog.pg_stat_get_numscans(o::oid) AS scans FROM pg_catalog.unnest($1::int8[]) o"
POSITION = "SELECT (pg_catalog.pg_current_wal_insert_lsn() - '0/0'::pg_catalog.pg_lsn)::int8"
SETTLE = "SELECT pg_catalog.pg_stat_force_next_flush()"


@dataclass(frozen=True, slots=True)
class Watched:
    """What was seen from outside."""

    outcome: Outcome
    locks: tuple[Lock, ...] = ()
    rewrites: tuple[str, ...] = ()
    scans: tuple[str, ...] = ()
    probes: tuple[Probe, ...] = ()
    wal_bytes: int = 0
    note: str = ""


async def watch_alone(
    connection: asyncpg.Connection,
    scratch: Scratch,
    statement: Statement,
    committed: Mapping[int, Known],
    prober: Prober | None,
    execute: Callable[[], Awaitable[Outcome]],
) -> Watched:
    """Run ``execute`` and watch ``connection`` from three other sessions.

    Args:
        committed: every relation before the statement.
        prober: tries to read and write meanwhile; ``None`` to leave that out.
    """
    tables = await _tables(connection, statement, committed)
    names = [table.name for table in tables]
    concurrent = is_concurrent(statement)
    async with (
        side_session(scratch, admin=True) as watcher,
        gates_before(scratch, connection, names, concurrent=concurrent) as gates,
    ):
        watch = _Watch(watcher, connection.get_server_pid(), committed)
        gated = bool(gates)
        flushes = connection.get_server_version().major >= 15
        if flushes:
            await connection.execute(SETTLE)
        scans = await watch.scans(tables)
        position = await watcher.fetchval(POSITION)
        work = asyncio.ensure_future(execute())
        try:
            probes = await watch.follow(work, gates, prober, names)
            outcome = await work
        finally:
            if not work.done():
                work.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await work
        wal_bytes = await watcher.fetchval(POSITION) - position
        if flushes and not outcome.lost and not connection.is_closed():
            await connection.execute(SETTLE)
        grown = {oid for oid, count in (await watch.scans(tables)).items() if count > scans[oid]}
        return Watched(
            replace(outcome, seconds=max(0.0, outcome.seconds - watch.held_up)),
            watch.locks(),
            await watch.rewrites(),
            tuple(table.name for table in tables if table.oid in grown),
            probes,
            wal_bytes,
            watch.note(gated=gated),
        )


async def _tables(connection: asyncpg.Connection, statement: Statement, committed: Mapping[int, Known]) -> list[Known]:
    """The tables the statement is about, found with the script's own ``search_path``."""
    names = relation_names(statement)
    if not names:
        whole = statement.kind in _WHOLE_DATABASE
        return [entry for entry in committed.values() if entry.kind in "rm"][:MOST_GATED] if whole else []
    found: dict[int, Known] = {}
    for schema, name in names:
        oid = await connection.fetchval(
            "SELECT pg_catalog.to_regclass(CASE WHEN $1 = '' THEN pg_catalog.quote_ident($2)"
            " ELSE pg_catalog.quote_ident($1) || '.' || pg_catalog.quote_ident($2) END)::oid::int8",
            schema,
            name,
        )
        entry = committed.get(oid or 0)
        if entry is not None:
            table = committed.get(entry.owner, entry)
            found[table.oid] = table
    return list(found.values())


class _Watch:
    """The third session: samples what the watched one holds and waits for."""

    def __init__(self, session: asyncpg.Connection, pid: int, committed: Mapping[int, Known]) -> None:
        self._session = session
        self._pid = pid
        self._committed = committed
        self._held: set[tuple[int, str]] = set()
        self._waited: set[str] = set()
        self.held_up = 0.0
        """Seconds for which it was kept waiting."""

    async def follow(
        self, work: asyncio.Future[Outcome], gates: Gates, prober: Prober | None, names: Sequence[str]
    ) -> tuple[Probe, ...]:
        """Sample until the work is done. Wherever it waits at a gate, probe, then let it through."""
        met: dict[str, Probe] = {}
        pause = 0.001
        while not work.done():
            waits = await self._sample()
            if waits and gates:
                began = time.perf_counter()
                for probe in await prober.ask(names) if prober is not None else ():
                    met[probe.relation] = _either(met.get(probe.relation, probe), probe)
                await gates.give_way()
                self.held_up += time.perf_counter() - began
                continue
            await asyncio.wait({work}, timeout=pause)
            pause = min(pause * 1.5, 0.05)
        return tuple(met[name] for name in names if name in met)

    async def _sample(self) -> bool:
        waits = False
        for row in await self._session.fetch(SAMPLE, self._pid):
            if row["type"] == "relation":
                self._held.add((row["oid"], row["mode"]))
            if not row["granted"]:
                waits = True
                self._waited.add(row["type"])
        return waits

    def locks(self) -> tuple[Lock, ...]:
        """Locks held or asked for, on relations of before."""
        locks = [
            Lock(self._committed[oid].name, LockMode(mode), self._committed[oid].is_index)
            for oid, mode in self._held
            if oid in self._committed
        ]
        return tuple(sorted(locks, key=lambda lock: (-lock.mode.strength, lock.is_index, lock.relation)))

    async def scans(self, tables: Sequence[Known]) -> dict[int, int]:
        """Reads from end to end so far, of each table."""
        rows = await self._session.fetch(SCANS, [table.oid for table in tables])
        return {row["oid"]: row["scans"] or 0 for row in rows}

    async def rewrites(self) -> tuple[str, ...]:
        """Relations of before that have another file now."""
        after = known_from(await self._session.fetch(KNOWN))
        by_name = {entry.name: entry for entry in after.values()}
        changed = []
        for oid, before in self._committed.items():
            now = after.get(oid) or by_name.get(before.name)
            if now is not None and before.file and now.file and before.file != now.file:
                changed.append(before.name)
        return tuple(sorted(changed))

    def note(self, *, gated: bool) -> str:
        """How it was watched, in one sentence."""
        if not gated:
            return "ran alone, nothing standing in its way"
        if self._waited:
            return f"ran alone and waited ({', '.join(sorted(self._waited))}) for the sessions standing in its way"
        return "ran alone and waited for none of the sessions standing in its way"


def _either(one: Probe, other: Probe) -> Probe:
    return Probe(one.relation, one.read_blocked or other.read_blocked, one.write_blocked or other.write_blocked)
