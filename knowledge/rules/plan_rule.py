"""A rule about a query plan: what in it costs, how much of the query that explains, what would change it.

A plan rule reads the plan (and, where they are given, the query and the schema) and says nothing that
has to be tried: an index or a rewrite is proposed by the advisor, which builds it first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from knowledge.plan.model import Node, Plan
from knowledge.plan.reckoning import Figures, Reckoning
from knowledge.report import Fix, Severity
from knowledge.rules.rule import Rule
from knowledge.schema import Schema


@dataclass(frozen=True)
class PlanContext:
    """What a plan rule may look at."""

    plan: Plan
    figures: Reckoning
    schema: Schema = Schema()
    """Empty where only a plan was given."""
    sql: str = ""
    """The query; empty where only a plan was given."""

    def of(self, node: Node) -> Figures:
        """The figures of a node."""
        return self.figures[node.number]


@dataclass(frozen=True)
class PlanHit:
    """A place in a plan where a rule applies.

    ``share`` says how much of the query's time (of its cost, where nothing was timed) it explains, 0 to 1:
    findings are ranked by it. ``result`` holds the decisive figures, as the evidence shows them.
    """

    message: str
    result: str
    share: float
    node: int = 0
    """The node's number; 0 for the plan as a whole."""
    subject: str = ""
    """The table, index or setting concerned."""
    severity: Severity | None = None
    """Where it differs from the rule's own."""
    fix: Fix | None = None
    """Advice in words and, for settings, a statement; never an index or rewrite."""


InspectPlan = Callable[[PlanContext], Iterable[PlanHit]]


@dataclass(frozen=True, kw_only=True)
class PlanRule(Rule):
    """A rule about a plan.

    ``failing`` and ``passing`` are SQL scripts whose last statement is an EXPLAIN that the tests run on the
    engine (a line ``-- setup ends`` stands before it), or, where the embedded server cannot produce it,
    a plan as text.
    """

    inspect: InspectPlan
