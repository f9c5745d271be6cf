"""Proving a fix: the original in one clone, the fix in another, and the two ends compared.

A fix is proven only if both ran, the catalogs they left are identical, and no step of the fix still does
what the rule complains of. Where the original fails, there is no end to compare with: its fix must run.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import postgast

from backend.engines.trace import trace_statements
from knowledge.ddl import enum_name, same_table, table_name
from knowledge.formats.postgres_sql import read
from knowledge.report import Fix
from knowledge.rules.rule import Hit, StatementContext, StatementRule
from knowledge.statement import Statement
from knowledge.trace import LockMode, SqlError, StatementTrace

if TYPE_CHECKING:
    from backend.engines.postgres.host import PostgresHost

SAME_END = "end catalog identical"
_OPENS = frozenset({"TRANS_STMT_BEGIN", "TRANS_STMT_START"})
_CLOSES = frozenset({"TRANS_STMT_COMMIT", "TRANS_STMT_ROLLBACK", "TRANS_STMT_PREPARE"})


@dataclass(frozen=True)
class _Run:
    """What one way of doing it led to; ``created`` are tables nobody else can have been using."""

    traces: tuple[StatementTrace, ...]
    catalog: dict[str, str]
    created: frozenset[str]

    @property
    def failure(self) -> str:
        """The first error, or ``""``."""
        errors = [trace.error for trace in self.traces if trace.error]
        return _words(errors[0]) if errors else ""

    @property
    def while_working(self) -> str:
        """The strongest table lock held by a statement that scanned or rewrote something, or ``""``."""
        return self._strongest(trace for trace in self.traces if _works(trace, self.created))

    @property
    def strongest(self) -> str:
        """The strongest table lock of all, or ``none``."""
        return self._strongest(self.traces) or "none"

    def _strongest(self, traces: Iterable[StatementTrace]) -> str:
        modes = [mode for trace in traces for mode in _modes(trace, self.created)]
        return max(modes, key=lambda mode: mode.strength).value if modes else ""


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
        fix: steps to run in the statement's place, each in a transaction of its own.
        timeout_seconds: limit of one statement.

    Returns:
        The fix with ``proven`` and ``proof`` filled in: a refusal gives its reason.
    """
    if not fix.steps:
        return fix
    steps = [_step(step.sql, context.statement) for step in fix.steps]
    readable = [step for step in steps if step is not None]
    if len(readable) < len(steps):
        return _unproven(fix, "a step of it could not be read")
    lead = outside_transaction(earlier)
    fixed = await _run(host, template, lead, readable, context.created, timeout_seconds)
    if fixed.failure:
        return _unproven(fix, f"it fails itself ({fixed.failure})")
    still = _still_confirmed(fixed, context, rule)
    if still:
        return _unproven(fix, f"{rule.id} still holds: {still}")
    if context.trace is not None and context.trace.error is not None:
        return _proven(fix, f"runs to its end where the original fails ({_words(context.trace.error)})")
    original = await _run(host, template, lead, [context.statement], context.created, timeout_seconds)
    if original.failure:
        return _unproven(fix, f"the original fails ({original.failure}), so there is no end to compare with")
    from backend.engines.fingerprint import difference

    lines = difference(original.catalog, fixed.catalog)
    if lines:
        return _unproven(fix, f"its end differs from the original's: {lines[0]}")
    return _proven(fix, f"{SAME_END}; {_comparison(original, fixed)}")


def _proven(fix: Fix, proof: str) -> Fix:
    return fix.model_copy(update={"proven": True, "proof": proof})


def _unproven(fix: Fix, reason: str) -> Fix:
    return fix.model_copy(update={"proven": False, "proof": f"not proven: {reason}"})


def _comparison(original: _Run, fixed: _Run) -> str:
    """The locks of the two ways side by side."""
    if original.while_working and fixed.while_working:
        return f"scans under {fixed.while_working} instead of {original.while_working}"
    if original.while_working:
        return f"no scan or rewrite instead of one under {original.while_working}"
    if original.strongest == fixed.strongest:
        return f"strongest lock {fixed.strongest} as before"
    return f"strongest lock {fixed.strongest} instead of {original.strongest}"


def _words(error: SqlError) -> str:
    return f"{error.sqlstate}: {error.message}"


def outside_transaction(earlier: Sequence[Statement]) -> list[Statement]:
    """The statements without a transaction that they leave open: the steps of a fix need one each.

    What SET LOCAL set in that transaction still holds for the statement at fault, so it is set for the session.
    """
    opened = _open_since(earlier)
    if opened is None:
        return [_lasting(statement) for statement in earlier]
    inside = [item for item in earlier[opened + 1 :] if item.kind != "TransactionStmt"]  # savepoints
    return [*earlier[:opened], *map(_lasting, inside)]


def _open_since(statements: Sequence[Statement]) -> int | None:
    opened = None
    for number, statement in enumerate(statements):
        if statement.kind == "TransactionStmt" and statement.node is not None:
            word = enum_name(statement.node, "kind")
            opened = number if word in _OPENS else None if word in _CLOSES else opened
    return opened


def _lasting(statement: Statement) -> Statement:
    if statement.kind != "VariableSetStmt" or statement.node is None or not statement.node.is_local:
        return statement
    tree = postgast.parse(statement.sql)
    tree.stmts[0].stmt.variable_set_stmt.is_local = False
    return replace(statement, sql=postgast.deparse(tree))


def _step(sql: str, original: Statement) -> Statement | None:
    """A step as a statement that stands where the original stands."""
    statements = read(sql).statements
    return replace(statements[0], location=original.location) if len(statements) == 1 else None


async def _run(
    host: PostgresHost,
    template: str,
    earlier: Sequence[Statement],
    statements: Sequence[Statement],
    created: frozenset[str],
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
    made = {table_name(step.node.relation) for step in statements if step.kind == "CreateStmt"}
    return _Run(tuple(traces[len(earlier) :]), catalog, created | made)


def _still_confirmed(run: _Run, context: StatementContext, rule: StatementRule) -> str:
    """What the rule still confirms about a step, or a scan that a step did while writers waited."""
    before: tuple[Statement, ...] = ()
    for trace in run.traces:
        step = replace(
            context,
            statement=trace.statement,
            trace=trace,
            earlier=before,
            in_transaction=False,
            script=None,
            created=run.created,
        )
        before += (trace.statement,)
        if trace.statement.kind in rule.kinds:
            for found in rule.suspect(step):
                if confirmation := rule.confirm(found, step):
                    return confirmation.result
        if rule.family == "locks" and _works_while_others_wait(trace, run.created):
            return f"{trace.statement.sql[:80]} scans or rewrites while others wait"
    return ""


def _works(trace: StatementTrace, created: frozenset[str]) -> bool:
    return any(_was_there(name, created) for name in (*trace.scans, *trace.rewrites))


def _was_there(relation: str, created: frozenset[str]) -> bool:
    return not any(same_table(made, relation) for made in created)


def _modes(trace: StatementTrace, created: frozenset[str]) -> list[LockMode]:
    return [lock.mode for lock in trace.locks if not lock.is_index and _was_there(lock.relation, created)]


def _works_while_others_wait(trace: StatementTrace, created: frozenset[str]) -> bool:
    """Whether somebody who needs a table waits while it is scanned or rewritten.

    Nobody but REFRESH writes a materialized view, so that there only readers count.
    """
    refresh = trace.statement.kind == "RefreshMatViewStmt"
    weakest = LockMode.ACCESS_EXCLUSIVE if refresh else LockMode.SHARE
    strong = any(mode.strength >= weakest.strength for mode in _modes(trace, created))
    return strong and _works(trace, created)
