"""What is known of one query: its plan, what the rules say of it, what was tried and what it brought."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from backend.plans.ranked import PASTED, Provenance, Ranked, ranked
from knowledge.plan.account import account
from knowledge.plan.model import Plan
from knowledge.plan.reckoning import Reckoning, reckon
from knowledge.report import Artifact, Finding
from knowledge.rules.plan_rule import PlanContext, PlanRule
from knowledge.schema import Schema


@dataclass
class Explained:
    """One plan and all that is said of it."""

    plan: Plan
    provenance: Provenance = PASTED
    schema: Schema = Schema()
    sql: str = ""
    proven: list[Finding] = field(default_factory=list)
    """Indexes and rewrites that were tried and helped, the most helpful first."""
    facts: dict[str, str] = field(default_factory=dict)
    not_tested: list[str] = field(default_factory=list)
    assumptions: list[str] = field(default_factory=list)
    artifacts: list[Artifact] = field(default_factory=list)
    next_step: str = ""
    rules: Sequence[PlanRule] | None = None

    @cached_property
    def figures(self) -> Reckoning:
        """What each node took itself."""
        return reckon(self.plan)

    @cached_property
    def account(self) -> list[str]:
        """What the plan does, in plain words."""
        return account(self.plan, self.figures)

    @cached_property
    def found(self) -> list[Ranked]:
        """What the rules say, by the share of the query it explains."""
        context = PlanContext(self.plan, self.figures, self.schema, self.sql)
        return ranked(context, self.provenance, self.rules)

    @property
    def findings(self) -> Iterable[Finding]:
        """Everything, what was proven first."""
        helped = {finding.subject.rpartition(".")[2] for finding in self.proven if finding.subject}
        return [*self.proven, *(_without_guess(each, helped) for each in self.found)]


def _without_guess(found: Ranked, helped: set[str]) -> Finding:
    """A finding without advice in mere words where an index of that table was tried and helped."""
    table = found.subject.rpartition(".")[2]
    guesses = [fix for fix in found.finding.fixes if not fix.steps]
    if table in helped and guesses:
        return found.finding.model_copy(update={"fixes": [fix for fix in found.finding.fixes if fix.steps]})
    return found.finding
