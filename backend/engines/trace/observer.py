"""Keeps the state before the next statement, and compares it with the state after."""

from __future__ import annotations

from typing import Any

from backend.engines.trace.observation import (
    FLUSH,
    KNOWN,
    OBSERVE,
    OPENING,
    PENDING,
    Difference,
    Relations,
    Seen,
    known_from,
    observation_from,
)
from backend.engines.trace.probing import MOST, Prober
from backend.engines.trace.session import Session
from knowledge.trace import Lock, LockMode, Probe


class Observer:
    """Looks at the session's own transaction, and lets a second session try the doors.

    ``loaded``: the list of relations is current (false after what was not observed). ``fresh``: the last
    look describes the state before the next statement. ``recount``: the scan counters hold reads of
    relations whose locks were given back, so a look alone does not find them.
    """

    def __init__(self, session: Session, prober: Prober | None) -> None:
        self.session = session
        self.prober = prober
        self.relations = Relations()
        self.lsn = 0
        self.loaded = False
        self.fresh = False
        self.recount = False
        self._probed: dict[tuple[str, frozenset[LockMode]], Probe] = {}
        self._query: Any = None
        self._prepared = 0

    async def prepare(self) -> None:
        """Prepare the query; needed again whenever the script threw prepared statements away."""
        self._prepared += 1
        # A name keeps the plan; without one asyncpg has the query planned anew each time.
        name = f"architect_observe_{self._prepared}"
        self._query = await self.session.connection.prepare(OBSERVE, name=name)
        self.session.words.drain()

    def reset(self) -> None:
        """The session is a new one: nothing is known."""
        self.relations = Relations()
        self._probed.clear()
        self.loaded = self.fresh = self.recount = False

    def unknown(self) -> None:
        """Something ran unobserved."""
        self.loaded = self.fresh = False

    @property
    def _flushes(self) -> bool:
        return self.session.major >= 15

    # -- transactions ------------------------------------------------------------------------------

    async def before_opening(self) -> None:
        """Outside any transaction: bring the list of relations up to date and count from 0."""
        if not self.loaded:
            await self.load(committed=True)
        query = OPENING.format(flush=FLUSH if self._flushes else "")
        row = await self.session.connection.fetchrow(query)
        self.lsn = row["lsn"]
        if row["words"] != "debug1":
            await self.session.say_more()

    def opened(self) -> None:
        """A transaction has begun."""
        self.relations.opened()
        self._probed.clear()
        self.fresh = self._flushes and self.loaded
        self.recount = not self._flushes

    def closed(self, *, committed: bool) -> None:
        """The transaction has ended."""
        self.relations.closed(committed=committed)
        self._probed.clear()
        self.fresh = False

    def undone(self) -> None:
        """A part of the transaction was rolled back, and its locks with it."""
        self._probed.clear()
        self.fresh, self.recount = False, True

    # -- looking -----------------------------------------------------------------------------------

    async def load(self, *, committed: bool) -> None:
        """Read the list of all relations; ``committed`` outside a transaction."""
        self.relations.load(known_from(await self.session.connection.fetch(KNOWN)), committed=committed)
        self.loaded = True

    async def baseline(self, words: frozenset[str]) -> None:
        """Take the state before a statement anew, unless what came before it was observed."""
        if self.fresh:
            return
        if not self.loaded:
            await self.load(committed=False)
        if self.recount:
            self.relations.seen.clear()
        await self.look(words)
        if self.recount:
            for row in await self.session.connection.fetch(PENDING):
                oid, known = row["oid"], self.relations.known.get(row["oid"])
                self.relations.seen.setdefault(oid, Seen(frozenset(), known, row["seq_scan"]))
            self.recount = False

    async def look(self, words: frozenset[str]) -> Difference:
        """What changed since the last look, for a statement with these words.

        Raises:
            asyncpg.PostgresError: the script's settings do not let the query pass.
        """
        relations = self.relations
        rows = await self._query.fetch(relations.first, relations.last, relations.made_here(words))
        after = observation_from(rows)
        difference = relations.difference(after, words)
        relations.take(after)
        self.lsn = after.lsn
        self.fresh = True
        if after.words != "debug1":
            await self.session.say_more()
        return difference

    async def probe(self, difference: Difference) -> tuple[tuple[Probe, ...], str]:
        """Ask the second session about every table whose lock could make a writer wait.

        An answer holds as long as the transaction: a lock is never given back before its end.

        Returns:
            The answers, and a note where some tables were left out.
        """
        strong = _strong(difference.locks)
        if self.prober is None or not strong:
            return (), ""
        committed = {entry.name for entry in self.relations.committed.values()}
        wanted = [(name, modes) for name, modes in strong.items() if name in committed]
        asked = [item for item in wanted if item not in self._probed]
        for probe in await self.prober.ask([name for name, _ in asked[:MOST]]):
            self._probed[probe.relation, strong[probe.relation]] = probe
        probes = tuple(self._probed[item] for item in wanted if item in self._probed)
        left = len(asked) - MOST
        return probes, f"{left} more locked tables were not probed" if left > 0 else ""


def _strong(locks: tuple[Lock, ...]) -> dict[str, frozenset[LockMode]]:
    """Tables under locks that block writes, with all modes held on each; strongest first."""
    strong = dict.fromkeys(lock.relation for lock in locks if lock.mode.blocks_writes and not lock.is_index)
    return {name: frozenset(lock.mode for lock in locks if lock.relation == name) for name in strong}
