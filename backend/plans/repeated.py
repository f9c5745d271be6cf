"""Queries that a loop asks one by one, as findings with the one query in their place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from backend.engines.lab.lab import LabError
from backend.judge import excerpt
from knowledge.query_log.batched import Batched, batched
from knowledge.query_log.fingerprint import fingerprint
from knowledge.query_log.model import QueryLog
from knowledge.query_log.n_plus_one import Run, runs
from knowledge.query_log.orm_edit import orm_edit
from knowledge.report import Basis, Evidence, Finding, Fix, Location, Severity, Step

if TYPE_CHECKING:
    from backend.engines.lab.lab import Lab

MANY = 20


def repeated(log: QueryLog, path: str, engine: str = "postgresql") -> list[Finding]:
    """A finding for each statement that ran once for each row, the most wasteful first; loops over it are one."""
    by_print: dict[tuple[str, int], list[Run]] = {}
    for run in runs(log):
        by_print.setdefault((fingerprint(run.queries[0].sql), run.varying), []).append(run)
    return [_finding(group, log.notation, path, engine) for group in by_print.values()]


def _finding(group: Sequence[Run], notation: str, path: str, engine: str) -> Finding:
    worst = group[0]
    wasted = sum(run.wasted for run in group)
    first = worst.queries[0]
    asked = "asked again with the same values" if worst.varying < 0 else "ran once for each row"
    times = f" in {len(group)} loops" if len(group) > 1 else ""
    return Finding(
        rule="repeated-query" if worst.varying < 0 else "n-plus-one",
        severity=Severity.HIGH if wasted >= MANY else Severity.MEDIUM,
        message=f"{wasted:,} round trips too many{times}: {excerpt(first.sql)} {asked}",
        location=Location(path=path, line=first.line),
        evidence=[Evidence(basis=Basis.OBSERVED, action=_where(worst), result=_what(worst))],
        fixes=[_fix(worst, notation, engine)],
    )


def _where(run: Run) -> str:
    after = f", right after line {run.parent.line}: {excerpt(run.parent.sql)}" if run.parent is not None else ""
    return f"read lines {run.queries[0].line} to {run.queries[-1].line} of the log{after}"


def _what(run: Run) -> str:
    spent = f", {run.milliseconds:,.1f} ms in the database" if run.milliseconds else ""
    values = f"; values {', '.join(run.values[:4])}, ..." if run.values else ""
    return f"{len(run.queries)} executions in one session{spent}{values}"


def _fix(run: Run, notation: str, engine: str) -> Fix:
    if run.varying < 0:
        return Fix(summary="Ask once and keep the answer for the length of the request")
    once = batched(run, engine)
    if once is None:
        return Fix(summary="Load the rows of all parents with one query")
    edit = orm_edit(run, once.column, notation)
    summary = f"In the program: {edit}" if edit else "One query for all values"
    return Fix(summary=summary, steps=[Step(sql=once.sql, note=_note(once, engine))])


def _note(once: Batched, engine: str) -> str:
    if once.form == "any":
        values = "the array" if engine == "postgresql" else "a JSON array"
        return f"$1 is {values} of values; put the rows together by {once.column}"
    return "$1 is the array of values; every row says for which value it is"


async def plans_at_once(lab: Lab, findings: Sequence[Finding]) -> list[Finding]:
    """The findings with the cost of their one query, where the lab can plan it."""
    told = []
    for finding in findings:
        steps = finding.fixes[0].steps
        if not steps:
            told.append(finding)
            continue
        try:
            cost, used = await lab.cost(steps[0].sql)
        except LabError:
            told.append(finding)
            continue
        how = f"planned it: cost {cost:,.0f} (planner units) using {', '.join(sorted(used)) or 'no index'}"
        told.append(finding.model_copy(update={"fixes": [finding.fixes[0].model_copy(update={"proof": how})]}))
    return told
