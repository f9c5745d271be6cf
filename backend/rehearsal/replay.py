"""Running one migration's text under observation, and judging each of its statements."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from backend.engines.catalog import read_schema
from backend.engines.trace import Tracer, trace_script
from backend.judge import Judgement, RulesByKind, is_suspect, judge
from backend.rehearsal.outcome import Failure
from backend.review.found import unreadable
from backend.review.position import EMPTY, Position
from knowledge.formats.postgres_sql import read
from knowledge.migration import Migration
from knowledge.report import Basis, Evidence, Finding, Severity
from knowledge.rules.rule import StatementContext
from knowledge.statement import Script, Statement
from knowledge.trace import SqlError, StatementTrace

if TYPE_CHECKING:
    from backend.engines.postgres.host import Scratch

DATA_ERRORS = ("22", "23")
"""SQLSTATE classes that only existing rows can cause: data exception, integrity constraint violation."""


@dataclass(frozen=True)
class Judged:
    """A judgement and what its fix must be proven with."""

    judgement: Judgement
    context: StatementContext
    earlier: tuple[Statement, ...]


@dataclass
class Replay:
    """One way through one migration."""

    script: Script
    traces: list[StatementTrace] = field(default_factory=list)
    judged: list[Judged] = field(default_factory=list)
    problems: list[Finding] = field(default_factory=list)
    error: SqlError | None = None
    undone: bool = False
    """Whether the failure left nothing behind: the migration ran in one transaction."""

    @property
    def failed_on_data(self) -> bool:
        """Whether rows, not the schema, stopped it."""
        return self.error is not None and self.error.sqlstate.startswith(DATA_ERRORS)


def up_of(migration: Migration) -> Script:
    """A migration's up, placed in its file."""
    return read(migration.up, migration.path, line=migration.up_line)


def down_of(migration: Migration) -> Script:
    """A migration's way back, placed in its file; empty where there is none."""
    return read(migration.down or "", migration.down_path or migration.path, line=migration.down_line)


async def replay_watched(
    scratch: Scratch,
    script: Script,
    *,
    transactional: bool,
    rules: RulesByKind,
    version: int,
    timeout_seconds: float,
) -> Replay:
    """Run a script statement by statement, each one traced and judged; stop at the first error."""
    replay = Replay(script, problems=[unreadable(problem).finding for problem in script.problems])
    if script.problems:
        replay.error, replay.undone = SqlError("42601", script.problems[0].message), True
        return replay
    position = Position(script, transactional, version=version)
    done: list[Statement] = []
    async with Tracer(scratch, timeout_seconds=timeout_seconds) as tracer:
        if transactional:
            await tracer.begin()
        for statement in script.statements:
            looked_at = is_suspect(position.context(statement), rules)
            before = await read_schema(tracer.connection) if looked_at else EMPTY
            trace = await tracer.run(statement)
            failed = trace.error is not None
            after = await read_schema(tracer.connection) if looked_at and not failed else EMPTY
            context = position.context(statement, trace, before, after)
            replay.traces.append(trace)
            replay.judged += [Judged(found, context, tuple(done)) for found in judge(context, rules)]
            if trace.error is not None:
                replay.error, replay.undone = trace.error, tracer.in_transaction or not done
                await tracer.rollback()
                break
            position.advance(statement)
            if statement.kind not in ("TransactionStmt", "PsqlMeta"):
                done.append(statement)
        else:
            replay.error = await tracer.commit()
            replay.undone = replay.error is not None
            if replay.error is not None and replay.traces:
                replay.problems.append(_failed_at_commit(replay.traces[-1].statement, replay.error))
    return replay


async def replay_plainly(
    scratch: Scratch, script: Script, *, transactional: bool, timeout_seconds: float
) -> Failure | None:
    """Run a script without looking; its first failure, or ``None``."""
    async with Tracer(scratch, probes=False, timeout_seconds=timeout_seconds) as tracer:
        return await replay_in(tracer, script, transactional=transactional)


async def replay_in(tracer: Tracer, script: Script, *, transactional: bool) -> Failure | None:
    """The same in a session that is open already."""
    if script.problems:
        problem = script.problems[0]
        return Failure(SqlError("42601", problem.message), problem.location)
    traces = await trace_script(
        tracer,
        script.statements,
        transactional=transactional,
        observe=lambda statement: False,
        stop_at_error=True,
    )
    for trace in traces:
        if trace.error is not None:
            return Failure(trace.error, trace.statement.location)
    return None


def _failed_at_commit(statement: Statement, error: SqlError) -> Finding:
    return Finding(
        rule="migration-fails",
        severity=Severity.HIGH,
        message=f"fails at COMMIT: {error.message}",
        location=statement.location,
        subject=error.sqlstate,
        evidence=[
            Evidence(
                basis=Basis.OBSERVED,
                action="executed the migration and committed it",
                result=f"ERROR {error.sqlstate}: {error.message}" + (f" ({error.detail})" if error.detail else ""),
            )
        ],
    )


def has_provable_suspect(
    script: Script,
    rules: RulesByKind,
    *,
    transactional: bool,
    version: int,
    allowed: Callable[[Severity], bool],
) -> bool:
    """Whether a fix that may be run could be offered for some statement: the state before it must be kept."""
    position = Position(script, transactional, version=version)
    for statement in script.statements:
        for judgement in judge(position.context(statement), rules):
            if judgement.rule.remedy and allowed(judgement.rule.severity):
                return True
        position.advance(statement)
    return False


def findings_of(judged: Sequence[Judged]) -> list[Finding]:
    """The findings alone."""
    return [item.judgement.finding for item in judged]
