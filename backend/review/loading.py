"""Run a script on a scratch database, watching only what a rule suspects and sending the rest in batches."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

import asyncpg

from backend.engines.catalog import read_schema
from backend.engines.trace import Tracer
from backend.engines.trace.kinds import Course, course
from backend.judge import Judgement, RulesByKind, is_suspect, judge
from backend.review.position import EMPTY, Position
from knowledge.ddl import commands
from knowledge.rules.rule import StatementContext
from knowledge.schema import Schema
from knowledge.statement import Statement
from knowledge.trace import SqlError, StatementTrace

BATCH_STATEMENTS = 200
BATCH_CHARACTERS = 200_000
_JOINED = frozenset({Course.PLAIN, Course.INSERT, Course.SETTING})
_OWNERSHIP = frozenset({"AlterOwnerStmt", "ReassignOwnedStmt"})

Judged = tuple[StatementContext, list[Judgement]]


def never(_error: SqlError, _statement: Statement) -> str:
    """Leave failed statements as they are."""
    return ""


@dataclass
class Loader:
    """Runs statements in order and judges those that are suspected or fail.

    ``on_judged`` gets every judged statement, ``on_progress`` the number of statements done. ``second_try`` names
    SQL after which a failed statement is worth running again.
    """

    tracer: Tracer
    table: RulesByKind
    on_judged: Callable[[StatementContext, list[Judgement]], None]
    on_progress: Callable[[int], Awaitable[None]]
    second_try: Callable[[SqlError, Statement], str] = never
    second_tries: dict[int, str] = field(default_factory=dict)
    """SQL that was run before a second try, by the statement's ``id()``."""
    observed: int = 0
    left_out: list[tuple[Statement, str]] = field(default_factory=list)
    _pending: list[Statement] = field(default_factory=list)
    _characters: int = 0
    _done: int = 0
    _schema: Schema | None = None

    async def run(self, position: Position) -> None:
        """Run the whole script that ``position`` stands at the head of."""
        if position.transactional:
            await self.tracer.begin()
        behind = _behind(position)
        for statement in position.script.statements:
            if _changes_owner(statement):
                self.left_out.append((statement, "OWNER TO was left out: the roles of your servers do not exist here"))
                position.advance(statement)
                continue
            context = position.context(statement)
            suspected = statement.node is not None and is_suspect(context, self.table)
            if suspected or not _joins(statement):
                await self._flush(behind)
                await self._single(context, behind, observe=suspected)
            else:
                self._pending.append(statement)
                self._characters += len(statement.sql)
                if len(self._pending) >= BATCH_STATEMENTS or self._characters > BATCH_CHARACTERS:
                    await self._flush(behind)
            position.advance(statement)
        await self._flush(behind)
        failure = await self.tracer.commit()
        if failure is not None and position.script.statements:
            last = position.script.statements[-1]
            trace = StatementTrace(last, "open", error=failure, note="found at the end of the transaction")
            self._report(position.context(last, trace))

    async def schema(self) -> Schema:
        """The catalog as it stands, read again only if something ran since."""
        if self._schema is None:
            try:
                self._schema = await read_schema(self.tracer.connection)
            except (asyncpg.PostgresError, asyncpg.InterfaceError):
                self._schema = EMPTY
        return self._schema

    async def _flush(self, behind: Position) -> None:
        """Send what was gathered at once; if that fails, one by one, to find the culprit."""
        pending, self._pending, self._characters = self._pending, [], 0
        if not pending:
            return
        self._schema = None
        outcome = await self.tracer.run_unobserved("\n;\n".join(item.sql for item in pending))
        if outcome.error is None:
            for statement in pending:
                behind.advance(statement)
        else:
            for statement in pending:
                await self._single(behind.context(statement), behind, observe=False)
        await self._step(len(pending))

    async def _single(self, context: StatementContext, behind: Position, *, observe: bool) -> None:
        statement = context.statement
        before = await self.schema() if observe else EMPTY
        trace = await self._trace(statement, observe=observe)
        if trace.error is not None and (remedy := self.second_try(trace.error, statement)):
            await self.tracer.run_unobserved(remedy)
            self.second_tries[id(statement)] = remedy
            trace = await self._trace(statement, observe=observe)
        self._schema = None
        if trace.error is not None or observe:
            after = await self.schema() if observe and trace.error is None else before
            self._report(replace(context, trace=trace, before=before, after=after))
        elif trace.transaction == "skipped":
            self.left_out.append((statement, trace.note))
        self.observed += observe
        behind.advance(statement)
        if observe or trace.error is not None:
            await self._step(1)

    async def _trace(self, statement: Statement, *, observe: bool) -> StatementTrace:
        if observe or not _joins(statement):
            return await self.tracer.run(statement)
        where = "open" if self.tracer.in_transaction else "alone"
        outcome = await self.tracer.run_unobserved(statement.sql)
        return StatementTrace(statement, where, error=outcome.error, seconds=outcome.seconds, note="not observed")

    def _report(self, context: StatementContext) -> None:
        table = self.table if context.statement.node is not None else {"*": self.table.get("*", ())}
        self.on_judged(context, judge(context, table))

    async def _step(self, count: int) -> None:
        self._done += count
        await self.on_progress(self._done)


def _behind(position: Position) -> Position:
    """A second cursor for statements that were gathered and not yet run."""
    return Position(position.script, position.transactional, position.version)


def _joins(statement: Statement) -> bool:
    return course(statement) in _JOINED and not statement.copy_data and "\0" not in statement.sql


def _changes_owner(statement: Statement) -> bool:
    if statement.kind in _OWNERSHIP:
        return True
    if statement.kind != "AlterTableStmt" or " owner to " not in statement.sql.lower():
        return False
    return all(kind == "AT_ChangeOwner" for kind, _ in commands(statement.node))
