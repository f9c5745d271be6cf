"""A report cut down to a budget of characters, honestly: what is left out is counted and named."""

from __future__ import annotations

from bisect import bisect_right
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

SHORTEST_FINDING = 30
"""Characters of a finding's line at the least: more than ``budget / 30`` findings never fit."""

REMARK = 400
FEWEST_REMARKS = 3
"""Untested items and assumptions are cut to one for every 400 characters of the budget, then to three."""


class Answer(Report):
    """A report as it is sent: artifacts without their text, and a line on what was left out."""

    omitted: str = Field(default="", description="what this copy leaves out, and where it is")


T = TypeVar("T")
Size = Callable[[Answer], int]


def shortened(report: Report, detail: Detail, size: Size) -> Answer:
    """The most important part of ``report`` whose ``size`` is within the budget of ``detail``.

    The most severe findings come first. Long tables go before any finding does.
    """
    level = LEVELS[detail]
    base = _leveled(report, level)
    if len(base.findings) == len(report.findings):
        for rows in dict.fromkeys((level.rows, 20, 5)):
            answer = _noted(_with_rows(base, report, rows), report)
            if size(answer) <= level.budget:
                return answer
    bare = _with_rows(base, report, -1)
    for remarks in (level.budget // REMARK, FEWEST_REMARKS):
        answer = _most_findings(_with_remarks(bare, remarks), report, level.budget, size)
        if size(answer) <= level.budget and (answer.findings or not report.findings):
            return answer
    return _noted(_skeleton(report, level.budget), report)


def _most_findings(cut: Report, report: Report, budget: int, size: Size) -> Answer:
    """``cut`` with as many of its findings as fit; with none where not even that fits."""

    def first(count: int) -> Answer:
        return _noted(cut.model_copy(update={"findings": cut.findings[:count]}), report)

    fitting = bisect_right(range(len(cut.findings) + 1), budget, key=lambda count: size(first(count)))
    return first(max(fitting - 1, 0))


def _with_remarks(cut: Report, count: int) -> Report:
    return cut.model_copy(update={"not_tested": cut.not_tested[:count], "assumptions": cut.assumptions[:count]})


def _leveled(report: Report, level: Level) -> Report:
    cut = report.model_copy(
        update={
            "headline": clipped(report.headline, level.string),
            "findings": [_finding(finding, level) for finding in _foremost(report, level)],
            "not_tested": [clipped(item, level.string) for item in report.not_tested],
            "assumptions": [clipped(item, level.string) for item in report.assumptions],
            "next_step": clipped(report.next_step, level.string),
            "artifacts": [Artifact(name=item.name, media_type=item.media_type) for item in report.artifacts],
        }
    )
    return _with_rows(cut, report, level.rows)


def _foremost(report: Report, level: Level) -> list[Finding]:
    """The most severe findings, as many as could possibly fit."""
    ranked = sorted(report.findings, key=lambda finding: finding.severity.rank)
    return ranked[: level.budget // SHORTEST_FINDING]


def _with_rows(cut: Report, report: Report, rows: int) -> Report:
    if rows < 0:
        return cut.model_copy(update={"tables": []})
    tables = [
        Table(title=table.title, columns=table.columns, rows=table.rows[: rows or None]) for table in report.tables
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
