"""A report as plain text for people and models: verdict and figures first, no colour, no markup."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.report import Evidence, Finding, Fix, Outcome, Report, Table
from server.plain import fenced, one_line
from server.render.words import fix_label, fix_sql

VERDICTS = {Outcome.PASS: "PASS", Outcome.FINDINGS: "FINDINGS", Outcome.NOT_TESTED: "NOT TESTED"}


def text(report: Report) -> str:
    """The whole of ``report``; lists are shown as they are, so shorten the report first."""
    return "\n".join(_lines(report))


def _lines(report: Report) -> Iterator[str]:
    yield f"{VERDICTS[report.outcome]}: {one_line(report.headline)}"
    if report.facts:
        yield "; ".join(f"{one_line(fact.name)} = {one_line(fact.value)}" for fact in report.facts)
    for number, finding in enumerate(report.findings, start=1):
        yield ""
        yield from _finding(number, finding)
    for table in report.tables:
        yield ""
        yield from _table(table)
    yield from _list("NOT TESTED", report.not_tested)
    yield from _list("Assumed", report.assumptions)
    if report.next_step:
        yield ""
        yield f"Next: {one_line(report.next_step)}"


def _finding(number: int, finding: Finding) -> Iterator[str]:
    yield f"{number}. {finding.severity.upper()} {finding.rule}: {one_line(finding.message)}"
    place = ", ".join(filter(None, (str(finding.location), one_line(finding.subject))))
    if place:
        yield f"   at {one_line(place)}"
    for evidence in finding.evidence:
        yield f"   {_evidence(evidence)}"
    for fix in finding.fixes:
        yield from _fix(fix)


def _evidence(evidence: Evidence) -> str:
    flips = f" (would change with: {one_line(evidence.flips)})" if evidence.flips else ""
    return f"{evidence.basis}: {one_line(evidence.action)} -> {one_line(evidence.result)}{flips}"


def _fix(fix: Fix) -> Iterator[str]:
    proof = f" [{one_line(fix.proof)}]" if fix.proof else ""
    yield f"   {fix_label(fix)}: {one_line(fix.summary)}{proof}"
    if fix.steps:
        yield fenced(fix_sql(fix), "sql")


def _table(table: Table) -> Iterator[str]:
    yield f"{one_line(table.title)}:"
    yield " | ".join(one_line(column) for column in table.columns)
    for row in table.rows:
        yield " | ".join(one_line(cell) for cell in row)


def _list(title: str, items: list[str]) -> Iterator[str]:
    if items:
        yield ""
        yield f"{title}:"
        for item in items:
            yield f"- {one_line(item)}"
