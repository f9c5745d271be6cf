"""Failures as findings, with their exchanges as evidence."""

from __future__ import annotations

from backend.exercise.exchange import Exchange, Failure
from knowledge.report import Basis, Evidence, Finding, Fix, Severity

SHOWN = 300
"""Characters of an answer that evidence quotes."""

STATEMENTS = 6
"""Statements that evidence quotes."""

HIGH = (
    "access.",
    "concurrency.",
    "fault.",
    "fuzz.leak",
    "fuzz.process-ended",
    "fuzz.server-error",
    "law.child-scoped",
    "law.idempotent",
    "law.mass-assignment",
    "law.tenant",
    "smoke.server-error",
)
"""Checks whose failures lose data, show it to others, or stop the service."""

LOW = ("fuzz.slow", "law.security-headers", "law.cache-control", "schemathesis.")


def finding_of(failure: Failure) -> Finding:
    """A failure as a finding, with its exchanges as evidence."""
    return Finding(
        rule=failure.check,
        severity=severity_of(failure.check),
        message=f"{failure.operation}: {failure.message}",
        subject=failure.operation,
        evidence=[evidence_of(exchange) for exchange in failure.exchanges],
        fixes=[Fix(summary=f"replay with seed {failure.seed}")] if failure.seed and not failure.exchanges else [],
    )


def severity_of(check: str) -> Severity:
    """How much a failure of ``check`` matters."""
    if check.startswith(HIGH):
        return Severity.HIGH
    return Severity.LOW if check.startswith(LOW) else Severity.MEDIUM


def evidence_of(exchange: Exchange) -> Evidence:
    """The request as a command, and what came back with the SQL it ran."""
    answer = exchange.answer
    came = answer.crash or answer.body[:SHOWN].decode(errors="replace")
    sql = "".join(f"\n  {statement}" for statement in answer.statements[:STATEMENTS])
    more = len(answer.statements) - STATEMENTS
    return Evidence(
        basis=Basis.OBSERVED,
        action=exchange.call.as_curl(),
        result=f"{answer.status or 'no answer'} {came}{sql}{f' ({more} statements more)' if more > 0 else ''}",
    )
