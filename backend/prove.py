"""Proving a fix: the original in one clone, the fix in another, and the two ends compared.

A fix is proven only if both ran, the catalogs they left are identical, and no step of the fix still does
what the rule complains of.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from backend.engines.trace import trace_statements
from knowledge.formats.postgres_sql import read
from knowledge.report import Fix
from knowledge.rules.rule import Hit, StatementContext, StatementRule
from knowledge.statement import Statement
from knowledge.trace import LockMode, StatementTrace

if TYPE_CHECKING:
    from backend.engines.postgres.host import PostgresHost

SAME_END = "end catalog identical"


@dataclass(frozen=True)
class _Run:
    """What one way of doing it led to."""

    traces: tuple[StatementTrace, ...]
    catalog: dict[str, str]

    @property
    def failure(self) -> str:
        """The first error, or ``""``."""
        errors = [trace.error for trace in self.traces if trace.error]
        return f"{errors[0].sqlstate}: {errors[0].message}" if errors else ""

    @property
    def lock_while_scanning(self) -> str:
        """The strongest table lock held by a statement that scanned or rewrote something."""
        modes = [
            lock.mode
            for trace in self.traces
            if trace.scans or trace.rewrites
            for lock in trace.locks
            if not lock.is_index
        ]
        return max(modes, key=lambda mode: mode.strength).value if modes else "none"


async def prove_fix(
    host: PostgresHost,
    *,
    template: str,
    earlier: Sequence[Statement],
    context: StatementContext,
    rule: StatementRule,
    hit: Hit,
    fix: Fix,
    timeout_seconds: float = 20.0,
) -> Fix:
    """Run a fix and say whether it holds.

    Args:
        host: where to run it.
        template: a snapshot of the state before the file; empty for an empty database.
        earlier: the statements of the file before the one at fault.
        context: the statement at fault, as it was judged.
        rule: the rule that must no longer be confirmed.
        hit: what it found.
        fix: steps to run in the statement's place.
        timeout_seconds: limit of one statement.

    Returns:
        The fix with ``proven`` and ``proof`` filled in: a refusal gives its reason.
    """
    if not fix.steps:
        return fix
    steps = [_step(step.sql, context.statement) for step in fix.steps]
    if any(step is None for step in steps):
        return _unproven(fix, "a step of it could not be read")
    readable = [step for step in steps if step is not None]
    original = await _run(host, template, earlier, [context.statement], timeout_seconds)
    if original.failure:
        return _unproven(fix, f"the original fails ({original.failure}), so there is no end to compare with")
    fixed = await _run(host, template, earlier, readable, timeout_seconds)
    if fixed.failure:
        return _unproven(fix, f"it fails itself ({fixed.failure})")
    still = _still_confirmed(fixed.traces, context, rule, hit)
    if still:
        return _unproven(fix, f"{rule.id} still holds: {still}")
    from backend.engines.fingerprint import difference

    lines = difference(original.catalog, fixed.catalog)
    if lines:
        return _unproven(fix, f"its end differs from the original's: {lines[0]}")
    proof = (
        f"{SAME_END}; strongest lock while scanning or rewriting: {fixed.lock_while_scanning}"
        f" instead of {original.lock_while_scanning}"
    )
    return fix.model_copy(update={"proven": True, "proof": proof})


def _unproven(fix: Fix, reason: str) -> Fix:
    return fix.model_copy(update={"proven": False, "proof": f"not proven: {reason}"})


def _step(sql: str, original: Statement) -> Statement | None:
    """A step as a statement that stands where the original stands."""
    statements = read(sql).statements
    return replace(statements[0], location=original.location) if len(statements) == 1 else None


async def _run(
    host: PostgresHost,
    template: str,
    earlier: Sequence[Statement],
    statements: Sequence[Statement],
    timeout_seconds: float,
) -> _Run:
    """Replay ``earlier`` unobserved, then trace ``statements``, each in a transaction of its own."""
    from backend.engines.fingerprint import fingerprint

    async with host.scratch(template) as scratch:
        watched = {id(statement) for statement in statements}
        traces = await trace_statements(
            scratch,
            [*earlier, *statements],
            transactional=False,
            observe=lambda statement: id(statement) in watched,
            timeout_seconds=timeout_seconds,
        )
        connection = await scratch.connect(admin=True)
        try:
            catalog = await fingerprint(connection)
        finally:
            await connection.close()
    return _Run(tuple(traces[len(earlier) :]), catalog)


def _still_confirmed(traces: Sequence[StatementTrace], context: StatementContext, rule: StatementRule, hit: Hit) -> str:
    """What the rule still confirms about a step, or a scan that a step did while writers waited."""
    for trace in traces:
        step = replace(context, statement=trace.statement, trace=trace, earlier=(), in_transaction=False)
        if trace.statement.kind in rule.kinds:
            for found in rule.suspect(step):
                confirmation = rule.confirm(found, step)
                if confirmation:
                    return confirmation.result
        if rule.family == "locks" and _works_while_others_wait(trace, context.created):
            return f"{trace.statement.sql[:80]} scans or rewrites while writers wait"
    return ""


def _works_while_others_wait(trace: StatementTrace, created: frozenset[str]) -> bool:
    if not (trace.scans or trace.rewrites):
        return False
    return any(
        lock.mode.strength >= LockMode.SHARE.strength
        for lock in trace.locks
        if not lock.is_index and lock.relation not in created
    )
