"""Execute statements one by one and tell what PostgreSQL did for each.

A statement inside a transaction costs two extra round trips: a savepoint before it, so that an error
does not end the rest of the file, and one query after it. What was seen after a statement is what stood
before the next.
"""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import asyncpg

from backend.engines.trace.alone import watch_alone
from backend.engines.trace.execution import Outcome, copy_in, copy_out, perform, sql_error
from backend.engines.trace.kinds import Course, control_word, course, disturbs_messages, freezes
from backend.engines.trace.messages import SAY_MORE, Words
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
    words_of,
)
from backend.engines.trace.probing import MOST, Prober
from knowledge.statement import Statement
from knowledge.trace import Lock, LockMode, Probe, SqlError, StatementTrace

if TYPE_CHECKING:
    from backend.engines.postgres.host import Scratch

_SAVE = "SAVEPOINT architect_step"
_RELEASE = "RELEASE SAVEPOINT architect_step"
_UNDO = "ROLLBACK TO SAVEPOINT architect_step; RELEASE SAVEPOINT architect_step"
_NEEDS_OWN_SESSION = frozenset({"25001", "2D000"})
"""active_sql_transaction, invalid_transaction_termination: the statement wants no transaction around it."""
_QUIET = frozenset({Course.SETTING, Course.SESSION, Course.MODE})


class Tracer:
    """Traces statements in one session of a scratch database.

    Args:
        scratch: the database.
        probes: ask a second session whether it can still read and write.
        timeout_seconds: limit of one statement.

    Outside a transaction each statement gets one of its own, so that its locks can be read before it
    ends; what refuses that (CONCURRENTLY, VACUUM...) runs alone, watched by another session.
    """

    def __init__(self, scratch: Scratch, *, probes: bool = True, timeout_seconds: float = 30.0) -> None:
        self._scratch = scratch
        self._probes = probes
        self._limit = timeout_seconds
        self._prober = Prober(scratch)
        self._words = Words()
        self._relations = Relations()
        self._probed: dict[tuple[str, frozenset[LockMode]], Probe] = {}
        self._connection: asyncpg.Connection | None = None
        self._observe: Any = None
        self._lsn = 0
        self._saved = False
        self._loaded = False
        """Whether the list of relations is current; false after what was not observed."""
        self._fresh = False
        """Whether the last observation describes the state before the next statement."""
        self._recount = False
        """Whether the counters hold scans of locks already given back (after an undone statement)."""
        self._flushes = True

    async def __aenter__(self) -> Self:
        await self._connect()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    @property
    def connection(self) -> asyncpg.Connection:
        """The session under observation.

        Raises:
            RuntimeError: the tracer was not entered.
        """
        if self._connection is None:
            raise RuntimeError("use the tracer in an async with block")
        return self._connection

    @property
    def in_transaction(self) -> bool:
        """Whether the script has a transaction open."""
        return not self.connection.is_closed() and self.connection.is_in_transaction()

    async def aclose(self) -> None:
        """End both sessions; an open transaction is rolled back."""
        await self._prober.aclose()
        connection, self._connection = self._connection, None
        if connection is not None and not connection.is_closed():
            try:
                await connection.close(timeout=5)
            except (TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                connection.terminate()

    async def begin(self) -> None:
        """Open the transaction in which the next statements run."""
        await self._before_opening()
        await self.connection.execute("BEGIN")
        self._opened()

    async def commit(self) -> SqlError | None:
        """End the transaction; the error if a deferred check failed and it was rolled back instead."""
        if not self.in_transaction:
            return None
        outcome = await self._perform("COMMIT")
        self._closed(committed=outcome.error is None)
        return outcome.error

    async def rollback(self) -> None:
        """Undo the transaction."""
        if self.in_transaction:
            await self.connection.execute("ROLLBACK")
            self._closed(committed=False)

    async def run(self, statement: Statement) -> StatementTrace:
        """Execute one statement and observe it.

        An SQL error is part of the trace, never raised. After a lost session a new one is open.

        Raises:
            EngineError: the session was lost and the database takes no new one.
        """
        way = course(statement)
        if way is Course.META:
            return skipped(statement, "a psql meta-command: PostgreSQL never sees it")
        if "\0" in statement.sql:
            error = SqlError("22021", "the text contains a NUL byte, which PostgreSQL cannot take")
            return StatementTrace(statement, "open" if self.in_transaction else "alone", error=error)
        if way is Course.CONTROL:
            return await self._control(statement)
        if self.in_transaction:
            return await self._in_transaction(statement, way)
        if way is Course.ALONE:
            return await self._alone(statement)
        if way in _QUIET:
            return await self._plainly(statement)
        return await self._in_own_transaction(statement, way)

    async def run_unobserved(self, sql: str) -> Outcome:
        """Execute text (one statement or many) without looking; an error leaves no trace of it."""
        self._loaded = self._fresh = False
        if not self.in_transaction:
            return await self._perform(sql)
        await self._save()
        outcome = await self._perform(sql)
        await self._settle(outcome)
        return outcome

    # -- the ways to run a statement ---------------------------------------------------------------

    async def _in_transaction(self, statement: Statement, way: Course) -> StatementTrace:
        if way is Course.MODE:
            outcome = await self._perform(statement.sql)
            return self._trace(statement, "open", outcome)
        light = way in (Course.SETTING, Course.INSERT)
        words = words_of(statement.sql)
        if not light and not self._fresh:
            await self._baseline(words)
        if freezes(statement):
            await self._release()
        else:
            await self._save()
        before = self._lsn
        outcome = await self._execute(statement, way)
        await self._settle(outcome)
        if outcome.error is not None:
            self._fresh, self._recount = False, True
            if outcome.lost:
                return self._trace(statement, "open", outcome)
            if way is Course.EXTENSION and outcome.error.sqlstate == "42501":
                return await self._extension(statement, outcome, "open")
            return self._trace(statement, "open", outcome)
        if statement.kind == "DeallocateStmt":
            await self._prepare()
        if light:
            if way is Course.INSERT:
                self._fresh = False
                return self._trace(statement, "open", outcome, note="plain rows: locks not read")
            if disturbs_messages(statement):
                await self.connection.execute(SAY_MORE)
            return self._trace(statement, "open", outcome)
        return await self._observed(statement, outcome, words, before)

    async def _observed(
        self, statement: Statement, outcome: Outcome, words: frozenset[str], before: int
    ) -> StatementTrace:
        """Look at what the statement did, inside its transaction."""
        try:
            difference = await self._look(words)
        except asyncpg.PostgresError as error:
            # The script's own statement_timeout, say. The savepoint still stands: do it again unseen.
            await self.connection.execute(_UNDO if self._saved else "ROLLBACK")
            self._saved = False
            await self._prepare()
            outcome = await self.run_unobserved(statement.sql)
            return self._trace(
                statement, "open", outcome, note=f"could not be observed: {sql_error(error).message}"
            )
        probes, note = await self._probe(difference)
        return self._trace(
            statement, "open", outcome, difference, probes=probes, wal_bytes=self._lsn - before, note=note
        )

    async def _in_own_transaction(self, statement: Statement, way: Course) -> StatementTrace:
        await self.begin()
        trace = await self._in_transaction(statement, way)
        if trace.error is not None and trace.error.sqlstate in _NEEDS_OWN_SESSION:
            await self.rollback()
            return await self._alone(statement)
        if not self.in_transaction:
            return trace
        failure = await self.commit()
        return with_error(trace, failure, "found at the end of the transaction") if failure else trace

    async def _plainly(self, statement: Statement) -> StatementTrace:
        outcome = await self._execute(statement, Course.PLAIN)
        if disturbs_messages(statement) or statement.kind == "DiscardStmt":
            await self._prepare()
        return self._trace(statement, "alone", outcome)

    async def _alone(self, statement: Statement) -> StatementTrace:
        await self._load(committed=True)
        watched = await watch_alone(
            self.connection,
            self._scratch,
            statement,
            self._relations.committed,
            self._prober if self._probes else None,
            lambda: self._execute(statement, Course.PLAIN),
        )
        self._loaded = self._fresh = False
        return self._trace(
            statement,
            "alone",
            watched.outcome,
            Difference(watched.locks, (), watched.rewrites, watched.scans),
            probes=watched.probes,
            wal_bytes=watched.wal_bytes,
            note=watched.note,
        )

    async def _control(self, statement: Statement) -> StatementTrace:
        """BEGIN, COMMIT and their kin, as written; the session says what became of the transaction."""
        was_open = self.in_transaction
        word = control_word(statement)
        if not was_open:
            await self._before_opening()
        elif word not in ("ROLLBACK_TO", "RELEASE"):
            await self._release()
        outcome = await self._perform(statement.sql)
        self._saved = self._saved and outcome.error is not None
        if outcome.error is not None and self._saved:
            await self._settle(outcome)
        self._probed.clear()
        if was_open and not self.in_transaction:
            self._closed(committed=outcome.error is None and outcome.tag == "COMMIT")
        elif was_open and (word == "ROLLBACK_TO" or statement.node.chain):
            self._loaded = self._fresh = False
            self._recount = True
        elif self.in_transaction and not was_open:
            self._opened()
        return self._trace(statement, "open" if was_open or self.in_transaction else "alone", outcome)

    async def _extension(self, statement: Statement, outcome: Outcome, transaction: str) -> StatementTrace:
        """An extension the guest may not create is created for it, if it is a harmless one."""
        from backend.engines.postgres.host import EngineError

        try:
            await self._scratch.create_extension(str(statement.node.extname))
        except (EngineError, asyncpg.PostgresError) as error:
            assert outcome.error is not None
            failure = SqlError(outcome.error.sqlstate, outcome.error.message, str(error), outcome.error.hint)
            return StatementTrace(statement, transaction, error=failure)
        self._loaded = self._fresh = False
        return self._trace(
            statement, transaction, Outcome(), note="created by the administrator, outside the transaction"
        )

    # -- the session -------------------------------------------------------------------------------

    async def _connect(self) -> None:
        connection = await self._scratch.connect()
        self._connection = connection
        connection.add_log_listener(self._words.hear)
        self._flushes = connection.get_server_version().major >= 15
        self._saved = self._loaded = self._fresh = False
        await self._prepare()

    async def _prepare(self) -> None:
        """Everything the script may have thrown away: settings and the prepared query."""
        await self.connection.execute(SAY_MORE)
        self._observe = await self.connection.prepare(OBSERVE)
        self._words.drain()

    async def _execute(self, statement: Statement, way: Course) -> Outcome:
        connection, sql = self.connection, statement.sql
        self._words.drain()
        if way is Course.COPY_IN or (statement.copy_data and way is Course.PLAIN):
            return await self._guard(lambda: copy_in(connection, sql, statement.copy_data))
        if way is Course.COPY_OUT:
            return await self._guard(lambda: copy_out(connection, sql))
        return await self._guard(lambda: connection.execute(sql))

    async def _perform(self, sql: str) -> Outcome:
        connection = self.connection
        return await self._guard(lambda: connection.execute(sql))

    async def _guard(self, run: Any) -> Outcome:
        outcome = await perform(self.connection, self._scratch, run, self._limit)
        if outcome.lost:
            self.connection.terminate()
            await self._connect()
            self._relations = Relations()
            self._probed.clear()
        return outcome

    # -- transactions ------------------------------------------------------------------------------

    async def _before_opening(self) -> None:
        """Outside any transaction: bring the list of relations up to date and start counting from 0."""
        if not self._loaded:
            await self._load(committed=True)
        row = await self.connection.fetchrow(OPENING.format(flush=FLUSH if self._flushes else ""))
        self._lsn = row["lsn"]
        if row["words"] != "debug1":
            await self.connection.execute(SAY_MORE)

    def _opened(self) -> None:
        self._relations.opened()
        self._probed.clear()
        self._saved = False
        self._fresh = self._flushes and self._loaded
        self._recount = not self._flushes

    def _closed(self, *, committed: bool) -> None:
        self._relations.closed(committed=committed)
        self._probed.clear()
        self._saved = self._fresh = False

    async def _save(self) -> None:
        await self.connection.execute(f"{_RELEASE}; {_SAVE}" if self._saved else _SAVE)
        self._saved = True

    async def _release(self) -> None:
        if self._saved:
            await self.connection.execute(_RELEASE)
            self._saved = False

    async def _settle(self, outcome: Outcome) -> None:
        """After an error go back to the savepoint, or give the transaction up where there is none."""
        if outcome.error is None or outcome.lost or not self.in_transaction:
            return
        if self._saved:
            await self.connection.execute(_UNDO)
        else:
            await self.connection.execute("ROLLBACK")
            self._closed(committed=False)
        self._saved = False

    # -- looking -----------------------------------------------------------------------------------

    async def _load(self, *, committed: bool) -> None:
        self._relations.load(known_from(await self.connection.fetch(KNOWN)), committed=committed)
        self._loaded = True

    async def _baseline(self, words: frozenset[str]) -> None:
        """Take the state before a statement anew, because what came before it was not observed."""
        if not self._loaded:
            await self._load(committed=False)
        if self._recount:
            self._relations.seen.clear()
        await self._look(words)
        if self._recount:
            self._recount = False
            for row in await self.connection.fetch(PENDING):
                oid = row["oid"]
                if oid not in self._relations.seen:
                    self._relations.seen[oid] = Seen(
                        frozenset(), self._relations.known.get(oid), row["seq_scan"]
                    )
        self._fresh = True

    async def _look(self, words: frozenset[str]) -> Difference:
        relations = self._relations
        rows = await self._observe.fetch(relations.first, relations.last, relations.made_here(words))
        after = observation_from(rows)
        difference = relations.difference(after, words)
        relations.take(after)
        self._lsn = after.lsn
        self._fresh = True
        if after.words != "debug1":
            await self.connection.execute(SAY_MORE)
        return difference

    async def _probe(self, difference: Difference) -> tuple[tuple[Probe, ...], str]:
        """Ask the second session about every relation whose lock could make somebody wait."""
        if not self._probes:
            return (), ""
        strong = _strong(difference.locks)
        committed = {entry.name for entry in self._relations.committed.values()}
        wanted = [(name, modes) for name, modes in strong.items() if name in committed]
        asked = [item for item in wanted if item not in self._probed][:MOST]
        for probe in await self._prober.ask([name for name, _ in asked]):
            self._probed[probe.relation, strong[probe.relation]] = probe
        probes = tuple(self._probed[item] for item in wanted if item in self._probed)
        left = len(wanted) - len(probes)
        return probes, f"{left} more locked relations were not probed" if left and len(asked) == MOST else ""

    def _trace(
        self,
        statement: Statement,
        transaction: str,
        outcome: Outcome,
        difference: Difference | None = None,
        *,
        probes: tuple[Probe, ...] = (),
        wal_bytes: int = 0,
        note: str = "",
    ) -> StatementTrace:
        difference = difference or Difference()
        messages, notices = self._words.drain()
        return StatementTrace(
            statement,
            transaction,
            locks=difference.locks,
            held=difference.held,
            rewrites=difference.rewrites,
            scans=difference.scans,
            probes=probes,
            messages=messages,
            notices=notices,
            error=outcome.error,
            rows=outcome.rows,
            wal_bytes=wal_bytes,
            seconds=outcome.seconds,
            note=note,
        )


def _strong(locks: tuple[Lock, ...]) -> dict[str, frozenset[LockMode]]:
    """Tables under locks that block writes, with all modes held on each."""
    strong = {lock.relation for lock in locks if lock.mode.blocks_writes and not lock.is_index}
    return {name: frozenset(lock.mode for lock in locks if lock.relation == name) for name in sorted(strong)}


def skipped(statement: Statement, note: str) -> StatementTrace:
    """The trace of a statement that was not executed, and why."""
    return StatementTrace(statement, "skipped", note=note)


def with_error(trace: StatementTrace, error: SqlError, note: str) -> StatementTrace:
    """``trace`` with an error that came up later."""
    from dataclasses import replace

    return replace(trace, error=error, note=note)
