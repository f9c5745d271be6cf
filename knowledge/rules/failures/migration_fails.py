"""Statements that PostgreSQL refuses."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.report import Severity
from knowledge.rules.failures._errors import failed_with
from knowledge.rules.failures.concurrently_in_transaction import RULE as CONCURRENTLY
from knowledge.rules.failures.enum_value_used_in_same_transaction import RULE as ENUM_VALUE
from knowledge.rules.failures.required_column_no_default import RULE as LACKS_DEFAULT
from knowledge.rules.rule import Confirmation, Hit, StatementContext, StatementRule
from knowledge.trace import SqlError

MORE_TELLING = {"25001": CONCURRENTLY, "55P04": ENUM_VALUE, "23502": LACKS_DEFAULT}
"""Errors that another rule reports, where it suspects the statement."""

REASONS = {
    "25001": "it cannot run inside a transaction",
    "55P04": "the enum value is not committed yet",
    "23502": "existing rows hold NULL",
    "23505": "existing rows hold duplicates",
    "23503": "existing rows point at nothing",
    "23514": "existing rows break the condition",
    "2BP01": "other objects depend on it",
    "55006": "rows of this transaction still wait for their deferred checks",
    "57014": "it ran into the time limit",
    "42501": "it needs a privilege that a migration should not need",
}


def suspect(context: StatementContext) -> Iterator[Hit]:
    """Every statement whose execution ended in an error; the text alone says nothing."""
    trace = context.trace
    if trace is None or trace.error is None:
        return
    other = MORE_TELLING.get(trace.error.sqlstate)
    if other and context.statement.kind in other.kinds and any(True for _ in other.suspect(context)):
        return
    reason = _reason(trace.error, context.statement.kind)
    yield Hit(
        subject=trace.error.sqlstate,
        message=f"fails: {trace.error.message}" + (f" ({reason})" if reason else ""),
        statement=context.statement,
    )


def _reason(error: SqlError, kind: str) -> str:
    """What lies behind an error, where its own words leave that open."""
    if error.sqlstate == "0A000" and "depends on" in error.detail:
        return f"another object depends on it: {error.detail}"
    if error.sqlstate.startswith("22") and kind == "AlterTableStmt":
        return "a value of an existing row cannot be converted"
    return REASONS.get(error.sqlstate, "")


def confirm(hit: Hit, context: StatementContext) -> Confirmation | None:
    """PostgreSQL's own error."""
    return failed_with(context, hit.subject)


SETUP = "CREATE TABLE t (id bigint PRIMARY KEY, n text);\nINSERT INTO t VALUES (1, 'a'), (2, 'a');\n-- setup ends\n"

RULE = StatementRule(
    id="migration-fails",
    claim="The statement ends in an error when it is run.",
    family="failures",
    severity=Severity.HIGH,
    why=(
        "Only execution tells: duplicates under a new UNIQUE, a view that depends on a column, text that is no number, "
        "a name that does not exist."
    ),
    unless="The object it lacks is made outside these migrations: then say so, or add it.",
    failing=f"{SETUP}ALTER TABLE t ADD UNIQUE (n);",
    passing=f"{SETUP}ALTER TABLE t ADD UNIQUE (id, n);",
    sources=("https://www.postgresql.org/docs/current/errcodes-appendix.html",),
    kinds=frozenset({"*"}),
    suspect=suspect,
    confirm=confirm,
)
