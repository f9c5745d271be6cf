"""Confirming a suspicion by the error PostgreSQL raised."""

from __future__ import annotations

from knowledge.rules.rule import Confirmation, StatementContext


def failed_with(context: StatementContext, *sqlstates: str) -> Confirmation | None:
    """The statement ended in one of these errors (PostgreSQL manual, appendix A)."""
    error = context.trace.error if context.trace else None
    if error is None or error.sqlstate not in sqlstates:
        return None
    extra = "; ".join(text for text in (error.detail, error.hint) if text)
    return Confirmation("executed it", f"ERROR {error.sqlstate}: {error.message}" + (f" ({extra})" if extra else ""))
