"""What was found, as a report: the failures first, then the figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.exercise.exchange import Exchange, Failure
from backend.exercise.regression import regression_file
from backend.exercise.suite import Exercise, Section
from knowledge.report import Artifact, Basis, Evidence, Fact, Finding, Fix, Outcome, Report, Severity

if TYPE_CHECKING:
    from tools.exercise_backend import ExerciseBackendRequest

TOOL = "exercise_backend"
REGRESSION = "test_regressions.py"
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


def report_of(request: ExerciseBackendRequest, exercise: Exercise, sections: list[Section]) -> Report:
    """The report of a run."""
    failures = [failure for section in sections for failure in section.failures]
    findings = sorted((finding_of(failure) for failure in failures), key=lambda finding: finding.severity.rank)
    artifacts = [artifact for section in sections for artifact in section.artifacts]
    if failures and exercise.ground is not None:
        artifacts.append(Artifact(name=REGRESSION, media_type="text/x-python", text=kept(exercise, failures)))
    seconds = sum(section.seconds for section in sections)
    return Report(
        tool=TOOL,
        outcome=Outcome.FINDINGS if failures else Outcome.PASS,
        headline=headline(request, exercise, findings, seconds),
        facts=[fact for section in sections for fact in section.facts] + [times(sections)],
        findings=findings,
        tables=[table for section in sections for table in section.tables],
        not_tested=[reason for section in sections for reason in section.not_tested],
        next_step=next_step(findings, exercise),
        artifacts=artifacts,
    )


def headline(request: ExerciseBackendRequest, exercise: Exercise, findings: list[Finding], seconds: float) -> str:
    """The decisive figures in one sentence."""
    where = request.url or f"{request.path} on {request.engine}"
    operations = len(exercise.subject.contract.operations)
    if not findings:
        return f"{where}: nothing broke; {operations} operations, {seconds:.0f} s"
    high = sum(finding.severity is Severity.HIGH for finding in findings)
    return f"{where}: {len(findings)} failures, {high} of them severe; {operations} operations, {seconds:.0f} s"


def times(sections: list[Section]) -> Fact:
    """How long each check took."""
    return Fact(name="seconds", value=", ".join(f"{each.check.value} {each.seconds:.1f}" for each in sections))


def next_step(findings: list[Finding], exercise: Exercise) -> str:
    """What to do with the findings."""
    if not findings:
        return "run the checks load and faults as well" if exercise.ground is not None else ""
    keep = f"; keep {REGRESSION}, which fails until they are" if exercise.ground is not None else ""
    return f"put the severe ones right and run again with seed {exercise.subject.seed}{keep}"


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


def kept(exercise: Exercise, failures: list[Failure]) -> str:
    """A test file that fails until the failures are put right."""
    ground = exercise.ground
    assert ground is not None
    return regression_file(
        failures,
        exercise.subject.contract,
        application=ground.project.app,
        callers=exercise.subject.callers,
        signing=ground.signing if ground.project.blueprint else None,
    )
