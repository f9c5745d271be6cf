"""What the rules say of a plan, as findings: the one that explains most of the query first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from knowledge.plan.compare import describe
from knowledge.plan.model import Plan
from knowledge.report import Basis, Evidence, Finding, Location, Severity
from knowledge.rules import plan_rules
from knowledge.rules.plan_rule import PlanContext, PlanHit, PlanRule

MUCH = 0.4
"""Share of the query from which a finding is of high severity, whatever its rule says."""
LITTLE = 0.05
DOMINATES = "dominating-node"


@dataclass(frozen=True)
class Ranked:
    """A finding and how much of the query it explains."""

    finding: Finding
    share: float
    subject: str
    node: int = 0


@dataclass(frozen=True)
class Provenance:
    """How a plan came to us: pasted plans are derived from, plans made by an engine of ours are observed."""

    action: str
    """As in ``planned in the statistics lab``."""
    basis: Basis = Basis.OBSERVED
    path: str = ""
    """The file the plan was read from, for the locations."""

    @property
    def pasted(self) -> bool:
        """Whether the caller has the plan's text, so that its lines mean something."""
        return self.basis is Basis.DERIVED


PASTED = Provenance("read in the given plan", Basis.DERIVED)


def ranked(
    context: PlanContext, provenance: Provenance = PASTED, rules: Iterable[PlanRule] | None = None
) -> list[Ranked]:
    """Every finding about a plan, by the share of the query it explains.

    Args:
        context: the plan with its figures.
        provenance: how the plan came to us.
        rules: those to ask; all where it is left out.
    """
    found = [
        Ranked(_finding(rule, hit, context.plan, provenance), hit.share, hit.subject, hit.node)
        for rule in (plan_rules() if rules is None else rules)
        for hit in rule.inspect(context)
    ]
    return sorted(
        _told_once(found), key=lambda each: (-round(each.share, 3), each.finding.severity.rank, each.finding.rule)
    )


def _told_once(found: list[Ranked]) -> list[Ranked]:
    """Without "this step dominates" where another finding says why it does."""
    explained = {each.node for each in found if each.finding.rule != DOMINATES and each.share >= LITTLE}
    return [each for each in found if each.finding.rule != DOMINATES or each.node not in explained]


def _finding(rule: PlanRule, hit: PlanHit, plan: Plan, provenance: Provenance) -> Finding:
    node = plan.node(hit.node) if hit.node else None
    line = node.line if node is not None else 0
    what = f"node {node.number}, {describe(node)}" if node is not None else "the whole plan"
    return Finding(
        rule=rule.id,
        severity=_severity(hit.severity or rule.severity, hit.share, plan),
        message=hit.message,
        location=Location(path=provenance.path, line=line) if line and provenance.pasted else Location(),
        subject=hit.subject,
        evidence=[
            Evidence(
                basis=provenance.basis,
                action=f"{provenance.action}: {what}",
                result=hit.result
                if "%" in hit.result or not _has_figures(plan)
                else f"{hit.result}, {_of(plan, hit.share)}",
            )
        ],
        fixes=[hit.fix] if hit.fix else [],
    )


def _severity(own: Severity, share: float, plan: Plan) -> Severity:
    """A rule's severity, raised where most of the query hangs on it and lowered where next to nothing does."""
    if not _has_figures(plan):
        return own
    if share >= MUCH:
        return Severity.HIGH
    if share < LITTLE and own is Severity.HIGH:
        return Severity.MEDIUM
    return own


def _has_figures(plan: Plan) -> bool:
    """Whether it has costs or times: SQLite tells neither."""
    return plan.is_timed or plan.root.has_costs


def _of(plan: Plan, share: float) -> str:
    return f"{share:.0%} of the {'time' if plan.is_timed else 'cost'}"
