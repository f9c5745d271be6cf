"""Long work in a transaction that already holds a lock which stops everybody."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.ddl import plain, table_name
from knowledge.report import Fix, Severity
from knowledge.rules.locks.no_lock_timeout import exclusive
from knowledge.rules.observation import HOW, executed, others_see
from knowledge.rules.rule import Confirmation, Hit, StatementContext, StatementRule
from knowledge.statement import Statement
from knowledge.trace import Lock, LockMode, StatementTrace


def suspect(context: StatementContext) -> Iterator[Hit]:
    """UPDATE, DELETE, INSERT ... SELECT after an ALTER TABLE (or its like) of the same transaction."""
    statement = context.statement
    if not context.in_transaction or statement.node is None or not _works(statement):
        return
    worked_on = table_name(statement.node.relation)
    if worked_on in context.created and statement.kind != "InsertStmt":
        return
    for earlier in reversed(context.earlier):
        table = exclusive(earlier)
        if table and table not in context.created and earlier.kind != "DropStmt":
            yield Hit(
                subject=table,
                message=f"works on {worked_on} while nobody can read or write {table}: it stays locked to the commit",
                statement=statement,
                detail=(table, worked_on),
                flips="" if _reads_all(statement) else "an index leads to the few rows it needs",
            )
            return


def _works(statement: Statement) -> bool:
    if statement.kind != "InsertStmt":
        return True
    return statement.node.HasField("select_stmt") and not statement.node.select_stmt.select_stmt.values_lists


def _reads_all(statement: Statement) -> bool:
    return statement.kind != "InsertStmt" and not statement.node.HasField("where_clause")


def confirm(hit: Hit, context: StatementContext) -> Confirmation | None:
    """A table was read from end to end while a table of before was locked exclusively."""
    trace = context.trace
    if trace is None or not executed(context) or not trace.scans:
        return None
    for lock in _held(trace):
        if others_see(context, lock.relation):
            read, table = ", ".join(map(plain, trace.scans)), plain(lock.relation)
            return Confirmation(HOW, f"{lock.mode.value} on {table} still held while {read} was read end to end")
    return None


def _held(trace: StatementTrace) -> Iterator[Lock]:
    for lock in (*trace.locks, *trace.held):
        if lock.mode is LockMode.ACCESS_EXCLUSIVE and not lock.is_index:
            yield lock


def remedy(hit: Hit, context: StatementContext) -> Fix | None:
    """Two migrations."""
    return Fix(summary="Commit the schema change first; do the work in a migration of its own, in batches")


SETUP = "CREATE TABLE t (id bigint PRIMARY KEY, n int);\nINSERT INTO t VALUES (1, 1), (2, 2);\n-- setup ends\n"
WORK = "ALTER TABLE t ADD COLUMN m int;\n"

RULE = StatementRule(
    id="lock-held-while-working",
    claim="Work after ALTER TABLE in the same transaction is done while nobody can read the altered table.",
    family="locks",
    severity=Severity.HIGH,
    why=(
        "ALTER TABLE may be instant, but its ACCESS EXCLUSIVE lock is kept to the end of the transaction: a backfill "
        "behind it turns an instant into minutes during which even SELECT waits."
    ),
    unless="The two run in different transactions, or the table is created in the same migration.",
    failing=f"{SETUP}BEGIN;\n{WORK}UPDATE t SET m = n;\nCOMMIT;",
    passing=f"{SETUP}{WORK}UPDATE t SET m = n;",
    sources=("https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES",),
    fix_safety="review",
    kinds=frozenset({"UpdateStmt", "DeleteStmt", "InsertStmt"}),
    suspect=suspect,
    confirm=confirm,
    remedy=remedy,
)
