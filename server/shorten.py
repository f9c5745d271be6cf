"""A report cut down to a budget of characters, honestly: what is left out is counted and named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from pydantic import Field

from knowledge.report import Artifact, Evidence, Finding, Fix, Report, Step, Table
from server.plain import clipped


class Detail(StrEnum):
    """How much of a report a caller wants."""

    SUMMARY = "summary"
    NORMAL = "normal"
    FULL = "full"


@dataclass(frozen=True)
class Level:
    """What a detail shows: ``budget`` in characters for either channel, 0 for "all" elsewhere."""

    budget: int
    evidence: int
    fixes: int
    rows: int
    """Rows of each table; -1 leaves tables out."""
    string: int
    """Characters of any one text."""


LEVELS = {
    Detail.SUMMARY: Level(budget=2_500, evidence=-1, fixes=-1, rows=-1, string=300),
    Detail.NORMAL: Level(budget=8_000, evidence=2, fixes=1, rows=20, string=700),
    Detail.FULL: Level(budget=12_000, evidence=0, fixes=0, rows=0, string=4_000),
}
"""Two channels of at most 12,000 characters keep a whole result under 25,000."""


class Answer(Report):
    """A report as it is sent: artifacts without their text, and a line on what was left out."""

    omitted: str = Field(default="", description="what this copy leaves out, and where it is")


T = TypeVar("T")
Size = Callable[[Answer], int]


def shortened(report: Report, detail: Detail, size: Size) -> Answer:
    """The most important part of ``report`` whose ``size`` is within the budget of ``detail``."""
    level = LEVELS[detail]
    base = _leveled(report, level)
    for rows in (level.rows, 5, -1):
        candidate = _with_rows(base, report, rows) if rows != level.rows else base
        answer = _noted(candidate, report)
        if size(answer) <= level.budget:
            return answer
    candidate = _with_rows(base, report, -1)
    for count in _fewer(len(candidate.findings)):
        answer = _noted(candidate.model_copy(update={"findings": candidate.findings[:count]}), report)
        if size(answer) <= level.budget:
            return answer
    return _noted(_skeleton(report, level.budget), report)


def _fewer(count: int) -> list[int]:
    """Numbers of findings to try, from all down to none."""
    return list(range(count, -1, -1))


def _leveled(report: Report, level: Level) -> Report:
    cut = report.model_copy(
        update={
            "headline": clipped(report.headline, level.string),
            "findings": [_finding(finding, level) for finding in report.findings],
            "not_tested": [clipped(item, level.string) for item in report.not_tested],
            "assumptions": [clipped(item, level.string) for item in report.assumptions],
            "next_step": clipped(report.next_step, level.string),
            "artifacts": [Artifact(name=item.name, media_type=item.media_type) for item in report.artifacts],
        }
    )
    return _with_rows(cut, report, level.rows)


def _with_rows(cut: Report, report: Report, rows: int) -> Report:
    if rows < 0:
        return cut.model_copy(update={"tables": []})
    tables = [
        Table(title=table.title, columns=table.columns, rows=table.rows[: rows or None])
        for table in report.tables
    ]
    return cut.model_copy(update={"tables": tables})


def _finding(finding: Finding, level: Level) -> Finding:
    return finding.model_copy(
        update={
            "message": clipped(finding.message, level.string),
            "subject": clipped(finding.subject, level.string),
            "evidence": [_evidence(item, level) for item in _first(finding.evidence, level.evidence)],
            "fixes": [_fix(item, level) for item in _first(finding.fixes, level.fixes)],
        }
    )


def _first(items: list[T], count: int) -> list[T]:
    return [] if count < 0 else items[: count or None]


def _evidence(item: Evidence, level: Level) -> Evidence:
    return item.model_copy(
        update={"action": clipped(item.action, level.string), "result": clipped(item.result, level.string)}
    )


def _fix(item: Fix, level: Level) -> Fix:
    return item.model_copy(
        update={
            "summary": clipped(item.summary, level.string),
            "proof": clipped(item.proof, level.string),
            "steps": [_step(step, level) for step in item.steps],
        }
    )


def _step(step: Step, level: Level) -> Step:
    """A statement is shown whole or not at all: half a statement must never look like one."""
    if len(step.sql) <= 2 * level.string:
        return step
    return step.model_copy(update={"sql": f"-- {len(step.sql):,} characters, in report.json"})


def _skeleton(report: Report, budget: int) -> Report:
    """Verdict and headline alone, for a report whose lists of remarks exceed any budget."""
    return Report(
        tool=report.tool,
        outcome=report.outcome,
        headline=clipped(report.headline, budget // 8),
        next_step=clipped(report.next_step, budget // 8),
        run=report.run,
    )


def _noted(cut: Report, report: Report) -> Answer:
    """``cut`` with a line that counts what is missing against ``report``."""
    missing = [
        *_count(len(report.findings) - len(cut.findings), "finding"),
        *_count(_evidence_of(report) - _evidence_of(cut), "piece of evidence", "pieces of evidence"),
        *_count(_fixes_of(report) - _fixes_of(cut), "fix", "fixes"),
        *_count(_rows_of(report) - _rows_of(cut), "table row"),
        *_count(len(report.not_tested) - len(cut.not_tested), "untested item"),
        *_count(len(report.assumptions) - len(cut.assumptions), "assumption"),
    ]
    omitted = f"Left out here: {', '.join(missing)}. " if missing else ""
    if omitted:
        omitted += f"All of it: architect://runs/{report.run}/report.json, or detail=full."
    return Answer.model_validate({**cut.model_dump(), "omitted": omitted})


def _count(number: int, one: str, many: str = "") -> list[str]:
    return [f"{number:,} {one if number == 1 else many or one + 's'}"] if number > 0 else []


def _evidence_of(report: Report) -> int:
    return sum(len(finding.evidence) for finding in report.findings)


def _fixes_of(report: Report) -> int:
    return sum(len(finding.fixes) for finding in report.findings)


def _rows_of(report: Report) -> int:
    return sum(len(table.rows) for table in report.tables)
