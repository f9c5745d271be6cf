"""Trace a list of statements, running quickly through those nobody wants to look at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from backend.engines.trace.kinds import Course, course
from backend.engines.trace.tracer import Tracer, skipped, with_error
from knowledge.statement import Statement
from knowledge.trace import StatementTrace

if TYPE_CHECKING:
    from backend.engines.postgres.host import Scratch

BATCH_STATEMENTS = 200
BATCH_CHARACTERS = 200_000
_JOINED = frozenset({Course.PLAIN, Course.INSERT, Course.SETTING})
UNOBSERVED = "not observed"
LOST = "its session had ended with an earlier statement, and with it the transaction"
STOPPED = "an earlier statement had failed"


def always(_statement: Statement) -> bool:
    """Observe every statement."""
    return True


async def trace_statements(
    scratch: Scratch,
    statements: Iterable[Statement],
    *,
    transactional: bool = True,
    observe: Callable[[Statement], bool] = always,
    probes: bool = True,
    timeout_seconds: float = 30.0,
    on_trace: Callable[[StatementTrace], None] | None = None,
    stop_at_error: bool = False,
) -> list[StatementTrace]:
    """Execute ``statements`` in a new session of ``scratch``; one trace each, in order.

    Args:
        transactional: run all in one transaction, committed at the end. Otherwise each statement has
            its own. BEGIN and COMMIT in the text are obeyed either way.
        observe: statements for which this is false are executed without looking, many at once.
        probes: let a second session try to read and write what is locked.
        timeout_seconds: limit of one statement.
        on_trace: called with each trace as it is made.
        stop_at_error: skip what follows an error and roll the transaction back. Otherwise the failed
            statement alone is undone and the rest goes on.

    Raises:
        EngineError: the database takes no session.
    """
    async with Tracer(scratch, probes=probes, timeout_seconds=timeout_seconds) as tracer:
        return await trace_script(
            tracer,
            statements,
            transactional=transactional,
            observe=observe,
            on_trace=on_trace,
            stop_at_error=stop_at_error,
        )


async def trace_script(
    tracer: Tracer,
    statements: Iterable[Statement],
    *,
    transactional: bool = True,
    observe: Callable[[Statement], bool] = always,
    on_trace: Callable[[StatementTrace], None] | None = None,
    stop_at_error: bool = False,
) -> list[StatementTrace]:
    """:func:`trace_statements` in a session that is open already, for many scripts in a row.

    Opening two sessions costs some 20 ms, more than most scripts. What one script sets the next one
    finds, unless ``await tracer.renew()`` comes between them.
    """
    pending = list(statements)
    traces: list[StatementTrace] = []

    def keep(made: Sequence[StatementTrace]) -> None:
        for trace in made:
            traces.append(trace)
            if on_trace is not None:
                on_trace(trace)

    if transactional:
        await tracer.begin()
    position = 0
    while position < len(pending):
        batch = _batch(pending, position, observe)
        open_before = tracer.in_transaction
        made = await _run(tracer, batch, observe)
        keep(made)
        position += len(made)
        failed = any(trace.error is not None for trace in made)
        lost = open_before and failed and not tracer.in_transaction and batch[-1].kind != "TransactionStmt"
        if failed and (stop_at_error or lost):
            await tracer.rollback()
            keep([skipped(left, LOST if lost else STOPPED) for left in pending[position:]])
            break
    failure = await tracer.commit()
    if failure is not None and traces:
        traces[-1] = with_error(traces[-1], failure, "found at the end of the transaction")
    return traces


def _batch(statements: Sequence[Statement], start: int, observe: Callable[[Statement], bool]) -> list[Statement]:
    """The statement at ``start``, and those after it that can be sent along unobserved."""
    batch: list[Statement] = []
    characters = 0
    for statement in statements[start : start + BATCH_STATEMENTS]:
        if observe(statement) or course(statement) not in _JOINED or "\0" in statement.sql:
            break
        characters += len(statement.sql)
        if batch and characters > BATCH_CHARACTERS:
            break
        batch.append(statement)
    return batch or [statements[start]]


async def _run(
    tracer: Tracer, batch: Sequence[Statement], observe: Callable[[Statement], bool]
) -> list[StatementTrace]:
    """Run a batch at once; if it fails, again one by one, to find the culprit."""
    where = "open" if tracer.in_transaction else "alone"
    if len(batch) == 1 and (observe(batch[0]) or course(batch[0]) not in _JOINED):
        return [await tracer.run(batch[0])]
    outcome = await tracer.run_unobserved("\n;\n".join(statement.sql for statement in batch))
    if outcome.error is None:
        share = outcome.seconds / len(batch)
        return [StatementTrace(statement, where, seconds=share, note=UNOBSERVED) for statement in batch]
    if len(batch) == 1 or outcome.lost:
        error = outcome.error
        return [
            StatementTrace(statement, where, error=error, seconds=outcome.seconds, note=UNOBSERVED)
            for statement in batch[:1]
        ]
    return [trace for statement in batch for trace in await _run(tracer, [statement], observe)]
