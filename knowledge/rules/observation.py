"""Reading a trace: what a statement was seen doing to one table, in words."""

from __future__ import annotations

from knowledge.ddl import plain, same_table
from knowledge.rules.rule import Confirmation, StatementContext
from knowledge.trace import Lock, LockMode, Probe, StatementTrace

HOW = "executed it and read pg_locks, pg_class and pg_stat_xact_user_tables; a second session tried to read and write"


def executed(context: StatementContext) -> bool:
    """Whether the engine ran the statement and accepted it."""
    trace = context.trace
    return trace is not None and trace.error is None and trace.transaction != "skipped"


def others_see(context: StatementContext, relation: str) -> bool:
    """Whether a relation was there before the script: nobody waits for what it made itself."""
    return not any(same_table(made, relation) for made in context.created)


def lock_on(trace: StatementTrace, table: str) -> Lock | None:
    """The strongest lock on a table of before."""
    held = [lock for lock in trace.locks if not lock.is_index and same_table(table, lock.relation)]
    return max(held, key=lambda lock: lock.mode.strength, default=None)


def probe_of(trace: StatementTrace, table: str) -> Probe | None:
    """What a second session met on a table."""
    return next((probe for probe in trace.probes if same_table(table, probe.relation)), None)


def scanned(trace: StatementTrace, table: str) -> bool:
    """Whether the table was read from end to end."""
    return any(same_table(table, relation) for relation in trace.scans)


def rewritten(trace: StatementTrace, table: str) -> bool:
    """Whether the table's file was replaced."""
    return any(same_table(table, relation) for relation in trace.rewrites)


def describe(trace: StatementTrace, table: str) -> str:
    """One line: lock, who waits, rewritten, scanned, and PostgreSQL's own words."""
    parts = []
    if lock := lock_on(trace, table):
        parts.append(f"{lock.mode.value} on {plain(lock.relation)}")
    if probe := probe_of(trace, table):
        parts.append(waits(probe))
    others = [lock for lock in trace.locks if not lock.is_index and not same_table(table, lock.relation)]
    parts += [f"{lock.mode.value} on {plain(lock.relation)}" for lock in others if lock.mode.blocks_writes]
    if trace.rewrites:
        parts.append(f"rewritten: {', '.join(map(plain, trace.rewrites))}")
    if trace.scans:
        parts.append(f"read end to end: {', '.join(map(plain, trace.scans))}")
    parts += [f'PostgreSQL said: "{message}"' for message in trace.messages[:2]]
    return "; ".join(parts)


def waits(probe: Probe) -> str:
    """Who waited in the second session."""
    if probe.read_blocked:
        return "a second session's SELECT and UPDATE wait"
    return "a second session's UPDATE waits, SELECT passes" if probe.write_blocked else "nobody waits"


def blocks(
    context: StatementContext,
    table: str,
    *,
    at_least: LockMode = LockMode.SHARE,
    scan: bool = False,
    rewrite: bool = False,
) -> Confirmation | None:
    """Confirm that a statement held a lock of some strength on ``table`` while it did the given work.

    Args:
        context: the executed statement.
        table: ``schema.table``.
        at_least: the weakest lock that matters.
        scan: demand that the table was read from end to end or rewritten.
        rewrite: demand that its file was replaced.
    """
    trace = context.trace
    if trace is None or not executed(context):
        return None
    lock = lock_on(trace, table)
    if lock is None or lock.mode.strength < at_least.strength:
        return None
    if rewrite and not rewritten(trace, table):
        return None
    if scan and not (scanned(trace, table) or rewritten(trace, table)):
        return None
    return Confirmation(HOW, describe(trace, table))
