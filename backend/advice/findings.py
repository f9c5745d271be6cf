"""Advice in the words of a report."""

from __future__ import annotations

from backend.advice.advice import Advice, Recommendation
from knowledge.report import Basis, Evidence, Finding, Fix, Severity

RULE = "missing-index"
_MUCH = 0.9
_SOME = 0.5


def findings_of(advice: Advice) -> list[Finding]:
    """One finding for each recommended index, the most valuable first."""
    return [_finding(each, advice) for each in advice.recommendations]


def size_words(size: int) -> str:
    """Bytes as people say them: ``48 kB``, ``12.3 MB``."""
    if size < 1 << 20:
        return f"{max(size >> 10, 1)} kB"
    return f"{size / (1 << 20):.1f} MB" if size < 1 << 30 else f"{size / (1 << 30):.1f} GB"


def write_words(recommendation: Recommendation) -> str:
    """What the index costs those who write, in a sentence."""
    write = recommendation.write
    words = f"size about {size_words(recommendation.bytes)}"
    if write.share:
        words += f", {write.share:.1%} more to write for each byte of the table"
    if write.hot_lost:
        words += f"; updates of {', '.join(write.hot_lost)} can no longer be HOT"
    if recommendation.upkeep:
        words += f"; keeping it up costs this query {recommendation.upkeep:.4g} units, counted above"
    return words


def _finding(one: Recommendation, advice: Advice) -> Finding:
    others = len(advice.recommendations) - 1
    base = "with the other indexes but without it" if others else "without it"
    tried = Evidence(
        basis=Basis.OBSERVED,
        action=f"{one.candidate.ddl}, then EXPLAIN of the query as given",
        result=f"the plan uses it; cost {one.cost_without:.6g} {base}, {one.cost_with:.6g} with it (planner's units)",
    )
    evidence = [tried, Evidence(basis=Basis.DERIVED, action="cost of writing", result=write_words(one))]
    evidence += [
        Evidence(
            basis=Basis.OBSERVED if each.droppable else Basis.DERIVED,
            action=f"the index {each.name} beside the new one",
            result=f"it could go: {each.why}" if each.droppable else f"it stays: {each.why}",
        )
        for each in one.replaced
    ]
    return Finding(
        rule=RULE,
        severity=Severity.HIGH if one.saving >= _MUCH else Severity.MEDIUM if one.saving >= _SOME else Severity.LOW,
        message=f"an index for {one.candidate.why} takes away {one.saving:.0%} of the query's cost",
        subject=one.candidate.table,
        evidence=evidence,
        fixes=[
            Fix(
                summary=f"create {one.candidate.name}",
                steps=list(one.steps),
                proven=True,
                proof="it was built at the size it would have, and the plan of the unchanged query uses it",
            )
        ],
    )
