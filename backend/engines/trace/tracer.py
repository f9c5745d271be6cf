"""Execute statements one by one and tell what PostgreSQL did for each.

A statement inside a transaction costs two extra round trips: a savepoint before it, so that an error
does not end the rest of the file, and one query after it. What was seen after a statement is what stood
before the next.
"""

from __future__ import annotations

from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING, Self

import asyncpg

from backend.engines.trace.alone import watch_alone
from backend.engines.trace.execution import Outcome, sql_error
from backend.engines.trace.kinds import Course, control_word, course, disturbs_messages, freezes
from backend.engines.trace.observation import Difference, words_of
from backend.engines.trace.observer import Observer
from backend.engines.trace.probing import Prober
from backend.engines.trace.session import Session
from knowledge.statement import Statement
from knowledge.trace import Probe, SqlError, StatementTrace

if TYPE_CHECKING:
    from backend.engines.postgres.host import Scratch

_NEEDS_NO_TRANSACTION = frozenset({"25001", "2D000"})
"""active_sql_transaction, invalid_transaction_termination: the statement wants none around it."""
_QUIET = frozenset({Course.SETTING, Course.SESSION, Course.MODE})
"""Outside a transaction these mean something else, or nothing: they get none of their own."""
_LIGHT = frozenset({Course.SETTING, Course.MODE, Course.INSERT})
"""What takes no lock anybody could wait for."""
_SAVEPOINT_WORDS = frozenset({"ROLLBACK_TO", "RELEASE"})


class Tracer:
    """Traces statements in one session of a scratch database.

    Args:
        scratch: the database.
        probes: let a second session try to read and write what is locked.
        timeout_seconds: limit of one statement.

    Outside a transaction each statement gets one of its own, so that its locks can be read before it
    ends; what refuses that (CONCURRENTLY, VACUUM...) runs alone, watched by another session.
    """

    def __init__(self, scratch: Scratch, *, probes: bool = True, timeout_seconds: float = 30.0) -> None:
        self._scratch = scratch
        self._session = Session(scratch, timeout_seconds)
        self._prober = Prober(scratch)
        self._observer = Observer(self._session, self._prober if probes else None)
        self._queried = False
        """Whether the transaction has done anything: its mode can be set only before."""

    async def __aenter__(self) -> Self:
        await self._session.open()
        await self._observer.prepare()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    @property
    def connection(self) -> asyncpg.Connection:
        """The session under observation, for reading. After a change made here call :meth:`forget`."""
        return self._session.connection

    def forget(self) -> None:
        """Look anew before the next statement: something was executed that the tracer did not see."""
        self._observer.unknown()
        self._observer.undone()

    @property
    def in_transaction(self) -> bool:
        """Whether the script has a transaction open."""
        return self._session.in_transaction

    async def aclose(self) -> None:
        """End both sessions; an open transaction is rolled back."""
        try:
            await self._prober.aclose()
        finally:
            await self._session.aclose()

    async def begin(self) -> None:
        """Open the transaction in which the next statements run."""
        await self._observer.before_opening()
        await self._session.connection.execute("BEGIN")
        self._opened()

    async def commit(self) -> SqlError | None:
        """End the transaction; the error if a deferred check failed and it was rolled back instead."""
        if not self.in_transaction:
            return None
        outcome = await self._settled(await self._session.perform("COMMIT"))
        if not outcome.lost:
            self._closed(committed=outcome.error is None)
        return outcome.error

    async def rollback(self) -> None:
        """Undo the transaction."""
        if self.in_transaction:
            await self._session.connection.execute("ROLLBACK")
            self._closed(committed=False)

    async def renew(self) -> None:
        """Make the session as good as new: settings, temporary tables, locks and an open transaction go."""
        await self.rollback()
        await self._session.connection.execute("DISCARD ALL")
        await self._session.say_more()
        await self._observer.prepare()

    async def run(self, statement: Statement) -> StatementTrace:
        """Execute one statement and observe it.

        An SQL error is part of the trace, never raised. If the statement ended its session, a new one is
        open afterwards, outside any transaction.

        Raises:
            EngineError: the session was lost and the database takes no new one.
        """
        way = course(statement)
        if way is Course.META:
            return skipped(statement, "a psql meta-command: PostgreSQL never sees it")
        if "\0" in statement.sql:
            error = SqlError("22021", "the text contains a NUL byte, which PostgreSQL cannot take")
            return StatementTrace(statement, self._where, error=error)
        if way is Course.CONTROL:
            return await self._control(statement)
        if self.in_transaction:
            return await self._in_transaction(statement, way)
        if way is Course.ALONE:
            return await self._alone(statement)
        if way in _QUIET:
            return await self._quietly(statement)
        return await self._in_own_transaction(statement, way)

    async def run_unobserved(self, sql: str) -> Outcome:
        """Execute text (one statement or many) without looking; if it fails it leaves nothing behind."""
        self._observer.unknown()
        if self.in_transaction:
            self._queried = True
            await self._session.save()
        return await self._settled(await self._session.perform(sql))

    # -- the ways to run a statement ---------------------------------------------------------------

    async def _in_transaction(self, statement: Statement, way: Course) -> StatementTrace:
        session, observer = self._session, self._observer
        if way is Course.MODE and not self._queried:
            outcome = await self._settled(await session.execute(statement, way))
            return self._trace(statement, "open", outcome)
        self._queried = self._queried or way is not Course.SETTING
        words = words_of(statement.sql)
        if way not in _LIGHT:
            await observer.baseline(words)
        if freezes(statement):
            await session.release()
        else:
            await session.save()
        start = observer.lsn
        outcome = await self._settled(await session.execute(statement, way))
        if outcome.error is not None:
            if way is Course.EXTENSION and outcome.error.sqlstate == "42501":
                return await self._extension(statement, outcome.error)
            if way is Course.ROLE and outcome.error.sqlstate == "42710":
                return await self._role(statement, outcome)
            return self._trace(statement, "open", outcome)
        if way is Course.ROLE:
            self._scratch.roles.add(str(statement.node.role))
        if way is Course.INSERT:
            observer.fresh = False
            return self._trace(statement, "open", outcome, note="literal rows: locks not read")
        if way in _LIGHT:
            if disturbs_messages(statement):
                await session.say_more()
            return self._trace(statement, "open", outcome)
        if statement.kind == "DeallocateStmt":
            await observer.prepare()
        try:
            difference = await observer.look(words)
        except asyncpg.PostgresError as error:
            return await self._again_unobserved(statement, way, error)
        if statement.kind == "TruncateStmt":
            # What is read is the new, empty file, to build its indexes.
            difference = replace(difference, scans=())
        probes, note = await observer.probe(difference)
        wal = observer.lsn - start
        return self._trace(statement, "open", outcome, difference, probes=probes, wal_bytes=wal, note=note)

    async def _again_unobserved(
        self, statement: Statement, way: Course, error: asyncpg.PostgresError
    ) -> StatementTrace:
        """The query failed, because of the script's own ``statement_timeout``, say: once more, unseen."""
        note = f"could not be observed: {sql_error(error).message}"
        if not await self._session.undo():
            self._closed(committed=False)
            return StatementTrace(statement, "open", error=sql_error(error), note=note)
        self._observer.undone()
        self._observer.unknown()
        await self._session.save()
        outcome = await self._settled(await self._session.execute(statement, way))
        if outcome.error is None:
            await self._observer.prepare()
        return self._trace(statement, "open", outcome, note=note)

    async def _in_own_transaction(self, statement: Statement, way: Course) -> StatementTrace:
        await self.begin()
        trace = await self._in_transaction(statement, way)
        if trace.error is not None and trace.error.sqlstate in _NEEDS_NO_TRANSACTION:
            await self.rollback()
            return await self._alone(statement)
        failure = await self.commit()
        return with_error(trace, failure, "found at the end of the transaction") if failure else trace

    async def _quietly(self, statement: Statement) -> StatementTrace:
        outcome = await self._settled(await self._session.execute(statement, Course.PLAIN))
        if not outcome.lost and (disturbs_messages(statement) or statement.kind != "VariableSetStmt"):
            await self._session.say_more()
            await self._observer.prepare()
        return self._trace(statement, "alone", outcome)

    async def _alone(self, statement: Statement) -> StatementTrace:
        observer = self._observer
        await observer.load(committed=True)
        watched = await watch_alone(
            self._session.connection,
            self._scratch,
            statement,
            observer.relations.committed,
            observer.prober,
            lambda: self._session.execute(statement, Course.PLAIN),
        )
        observer.unknown()
        await self._settled(watched.outcome)
        difference = Difference(watched.locks, (), watched.rewrites, watched.scans)
        return self._trace(
            statement,
            "alone",
            watched.outcome,
            difference,
            probes=watched.probes,
            wal_bytes=watched.wal_bytes,
            note=watched.note,
        )

    async def _control(self, statement: Statement) -> StatementTrace:
        """BEGIN, COMMIT and their kin, as written; the session says what became of the transaction."""
        session, observer = self._session, self._observer
        was_open, word = self.in_transaction, control_word(statement)
        if not was_open:
            await observer.before_opening()
        elif word not in _SAVEPOINT_WORDS:
            await session.release()
        outcome = await session.execute(statement, Course.CONTROL)
        if outcome.lost or (outcome.error is not None and session.saved):
            await self._settled(outcome)
        else:
            session.saved = False
            self._follow(was_open, word, committed=outcome.error is None and outcome.tag == "COMMIT")
            if statement.node.chain and self.in_transaction:
                observer.undone()
        return self._trace(statement, "open" if was_open or self.in_transaction else "alone", outcome)

    def _follow(self, was_open: bool, word: str, *, committed: bool) -> None:
        """Note what a transaction statement did to the transaction."""
        if was_open and not self.in_transaction:
            self._closed(committed=committed)
        elif self.in_transaction and not was_open:
            self._opened()
        elif was_open and word not in ("BEGIN", "START", "SAVEPOINT", "RELEASE"):
            self._observer.unknown()
            self._observer.undone()

    async def _extension(self, statement: Statement, refusal: SqlError) -> StatementTrace:
        """An extension the guest may not create is created for it, if it is a harmless one."""
        from backend.engines.postgres.host import EngineError

        try:
            await self._scratch.create_extension(str(statement.node.extname))
        except (EngineError, asyncpg.PostgresError) as error:
            return StatementTrace(statement, "open", error=replace(refusal, detail=str(error)))
        self._observer.unknown()
        note = "created by the administrator, outside the transaction"
        return self._trace(statement, "open", Outcome(), note=note)

    async def _role(self, statement: Statement, outcome: Outcome) -> StatementTrace:
        """A role that another database's script made is lent; one this script made before is an error."""
        name = str(statement.node.role)
        if name in self._scratch.roles or not await self._scratch.adopt_role(name):
            return self._trace(statement, "open", outcome)
        self._scratch.roles.add(name)
        return self._trace(statement, "open", Outcome(), note="the role exists on this server and was lent")

    # -- what became of the transaction ------------------------------------------------------------

    @property
    def _where(self) -> str:
        return "open" if self.in_transaction else "alone"

    def _opened(self) -> None:
        self._session.saved = self._queried = False
        self._observer.opened()

    def _closed(self, *, committed: bool) -> None:
        self._session.saved = False
        self._observer.closed(committed=committed)

    async def _settled(self, outcome: Outcome) -> Outcome:
        """Clear up after an error: back to the savepoint, or out of a transaction that has none."""
        if outcome.lost:
            self._observer.reset()
            await self._observer.prepare()
        elif outcome.error is not None and self.in_transaction:
            if await self._session.undo():
                self._observer.undone()
            else:
                self._closed(committed=False)
        return outcome

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
        seen = difference or Difference()
        messages, notices = self._session.words.drain()
        return StatementTrace(
            statement,
            transaction,
            locks=seen.locks,
            held=seen.held,
            rewrites=seen.rewrites,
            scans=seen.scans,
            probes=probes,
            messages=messages,
            notices=notices,
            error=outcome.error,
            rows=outcome.rows,
            wal_bytes=wal_bytes,
            seconds=outcome.seconds,
            note=note,
        )


def skipped(statement: Statement, note: str) -> StatementTrace:
    """The trace of a statement that was not executed, and why."""
    return StatementTrace(statement, "skipped", note=note)


def with_error(trace: StatementTrace, error: SqlError, note: str) -> StatementTrace:
    """``trace`` with an error that came up later."""
    return replace(trace, error=error, note=note)
