"""Indexes and rewrites that were tried and helped, as findings with their proof."""

from __future__ import annotations

from typing import TYPE_CHECKING

from knowledge.report import Basis, Evidence, Finding, Fix, Severity, Step

if TYPE_CHECKING:
    from backend.advice.advice import Advice, Recommendation
    from backend.rewriting.prove import ProvenRewrite

MUCH = 2.0
"""A plan this many times cheaper makes a finding of high severity."""
KIB = 1024


def index_findings(advice: Advice, ground: str, *, rewritten: bool = False) -> list[Finding]:
    """A finding for each recommended index, the most valuable first.

    Args:
        advice: what was found out in the lab.
        ground: what the lab's sizes come from, as in ``exported statistics``.
        rewritten: whether it is about the proposed rewrite of the query.
    """
    query = "the rewritten query" if rewritten else "the query"
    return [_index(one, advice, ground, query) for one in advice.recommendations]


def _index(one: Recommendation, advice: Advice, ground: str, query: str) -> Finding:
    before, after = one.cost_without, one.cost_with
    count = len(advice.recommendations)
    others = f" beside {count - 1} other{'s' if count > 2 else ''}" if count > 1 else ""
    message = f"{one.candidate.name} lowers the cost of {query} {change(before, after)}{others}"
    return Finding(
        rule="index-advice",
        severity=_severity(before, after),
        message=message,
        subject=one.candidate.table,
        evidence=[
            Evidence(
                basis=Basis.OBSERVED,
                action=f"built it{others} in the statistics lab ({ground}) and planned {query} again, unaltered",
                result=f"the plan uses it; without it the cost is {figure(before)}; {one.candidate.why}",
            ),
            Evidence(basis=Basis.DERIVED, action="what it costs", result=f"{size(one.bytes)}; {_writing(one)}"),
        ],
        fixes=[
            Fix(
                summary="Create it without blocking writers",
                steps=[*one.steps, *_drops(one)],
                proven=True,
                proof=f"built and re-planned: {figure(before)} to {figure(after)} planner units (not time)",
            )
        ],
    )


def _writing(one: Recommendation) -> str:
    """What the index adds to writes, in words."""
    words = f"each written row carries {one.write.share:.0%} more bytes"
    if one.write.hot_lost:
        words += f", and updates of {', '.join(one.write.hot_lost)} can no longer be heap-only (HOT)"
    return words


def _drops(one: Recommendation) -> list[Step]:
    return [
        Step(sql=f"-- then no longer needed: {old.name} on {old.table} ({old.why})")
        for old in one.replaced
        if old.droppable
    ]


def rewrite_findings(rewrites: list[ProvenRewrite]) -> list[Finding]:
    """A finding for each rewrite whose results were equal and whose plan is cheaper."""
    return [_rewrite(one) for one in rewrites]


def _rewrite(one: ProvenRewrite) -> Finding:
    steps = [Step(sql=one.index, alone=True)] if one.index else []
    before, after = one.cost_before, one.cost_after
    return Finding(
        rule=f"rewrite-{one.id}",
        severity=_severity(before, after),
        message=f"{one.explanation.rstrip('.')}: cost {change(before, after)}",
        evidence=[
            Evidence(
                basis=Basis.OBSERVED,
                action=f"ran both on {one.databases} generated databases, planned both in the lab",
                result=one.proof,
            )
        ],
        fixes=[Fix(summary="Write it so", steps=[*steps, Step(sql=one.sql)], proven=True, proof=one.proof)],
    )


def _severity(before: float, after: float) -> Severity:
    return Severity.HIGH if before >= MUCH * after else Severity.MEDIUM


def figure(cost: float) -> str:
    """A cost in the planner's units, short."""
    return f"{cost:,.0f}" if cost >= 100 else f"{cost:,.2f}"


def change(before: float, after: float) -> str:
    """``812 to 8.30 (98x)``; no factor where it is less than twice."""
    factor = f" ({before / after:,.0f}x)" if after and before >= MUCH * after else ""
    return f"{figure(before)} to {figure(after)}{factor}"


def size(count: int) -> str:
    """Bytes as people say them."""
    if count < KIB * KIB:
        return f"{count / KIB:,.0f} kB"
    return f"{count / KIB / KIB:,.1f} MB"
