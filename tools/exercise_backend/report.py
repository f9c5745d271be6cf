"""What was found, as a report: the failures first, then the figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.exercise.exchange import Failure
from backend.exercise.findings import finding_of
from backend.exercise.regression import regression_file
from backend.exercise.suite import Exercise, Section
from knowledge.report import Artifact, Fact, Finding, Outcome, Report, Severity

if TYPE_CHECKING:
    from tools.exercise_backend import ExerciseBackendRequest

TOOL = "exercise_backend"
REGRESSION = "test_regressions.py"


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
