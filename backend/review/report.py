"""Turning a sifted review into the report the caller reads."""

from __future__ import annotations

from collections import Counter

from backend.review.accepted import Sifted
from backend.review.found import Review, order
from knowledge.baseline import dump
from knowledge.report import Artifact, Fact, Finding, Outcome, Report, Severity


def report_of(tool: str, review: Review, sifted: Sifted, *, seconds: float) -> Report:
    """The report: verdict, figures, findings by severity and line, what was assumed and not tested."""
    findings = [item.finding for item in sorted(sifted.found, key=order)]
    severities = Counter(finding.severity for finding in findings)
    not_tested = list(review.not_tested)
    not_tested += [
        f"{item.location}: suppression of {', '.join(item.rules)} was not needed; remove it" for item in sifted.unused
    ]
    return Report(
        tool=tool,
        outcome=_outcome(review, findings),
        headline=_headline(review, severities, len(findings)),
        facts=_facts(review, sifted, severities, seconds),
        findings=findings,
        assumptions=review.assumptions,
        not_tested=not_tested,
        next_step=_next_step(findings),
        artifacts=[
            Artifact(name="baseline.json", media_type="application/json", text=dump(sifted.fingerprints)),
        ],
    )


def _outcome(review: Review, findings: list[Finding]) -> Outcome:
    """Never a pass for statements that could not run."""
    if findings:
        return Outcome.FINDINGS
    return Outcome.NOT_TESTED if review.not_run else Outcome.PASS


def _headline(review: Review, severities: Counter[Severity], total: int) -> str:
    how = f"executed on {review.engine}" if review.engine else "read, not executed"
    statements = f"{review.statements:,} statement{'s' if review.statements != 1 else ''} {how}"
    if review.not_run:
        statements += f", {review.not_run} of them not tested"
    if not total:
        return f"{statements}: no findings"
    parts = [f"{severities[severity]} {severity.value}" for severity in Severity if severities[severity]]
    return f"{statements}: {total} finding{'s' if total != 1 else ''} ({', '.join(parts)})"


def _facts(review: Review, sifted: Sifted, severities: Counter[Severity], seconds: float) -> list[Fact]:
    facts = {"statements": f"{review.statements}"}
    facts |= {f"{severity.value} findings": str(severities[severity]) for severity in Severity}
    if review.engine:
        facts |= {
            "engine": review.engine,
            "statements observed one by one": str(review.observed),
            "load seconds": f"{review.load_seconds:.2f}",
        }
    proven = sum(1 for item in sifted.found for fix in item.finding.fixes if fix.proven)
    if proven:
        facts["proven fixes"] = str(proven)
    if sifted.suppressed:
        facts["suppressed"] = str(sifted.suppressed)
    if sifted.in_baseline:
        facts["in baseline"] = str(sifted.in_baseline)
    if sifted.outside_change:
        facts["outside changed lines"] = str(sifted.outside_change)
    facts["seconds"] = f"{seconds:.2f}"
    return [Fact(name=name, value=value) for name, value in facts.items()]


def _next_step(findings: list[Finding]) -> str:
    if not findings:
        return "Rehearse the whole migrations folder with migrate_backend before you apply it."
    worst = findings[0]
    proven = next((finding for finding in findings if any(fix.proven for fix in finding.fixes)), None)
    if proven is not None and proven.severity is worst.severity:
        return f"Apply the proven fix for {proven.rule} at {proven.location or 'the statement'}, then review again."
    return (
        f"Decide about {worst.rule} at {worst.location or 'the statement'} first; to accept findings as they are, "
        "save the artifact baseline.json and pass it as `baseline`."
    )
