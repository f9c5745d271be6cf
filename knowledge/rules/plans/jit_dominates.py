"""Compiling that costs more than it saves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import ceil, log10
from typing import Any

from knowledge.plan.words import duration, percent
from knowledge.report import Fix, Severity, Step
from knowledge.rules.plan_rule import PlanContext, PlanHit, PlanRule

LEAST_SHARE = 0.25
"""Share of the execution from which compiling is too much (dataxplan)."""

LEAST_MS = 10.0
"""Milliseconds of compiling below which nothing is said."""


def inspect(context: PlanContext) -> Iterator[PlanHit]:
    """A plan that spent over a quarter of its execution on just-in-time compilation."""
    plan = context.plan
    jit = plan.properties.get("JIT")
    compiled = _total(jit)
    execution = plan.execution_ms or context.of(plan.root).inclusive_ms
    if compiled < LEAST_MS or not execution or compiled < LEAST_SHARE * execution:
        return
    share = min(1.0, compiled / execution)
    functions = jit.get("Functions", 0) if isinstance(jit, Mapping) else 0
    cost = plan.root.number_of("Total Cost")
    yield PlanHit(
        message=f"Just-in-time compilation took {duration(compiled)} of {duration(execution)} ({percent(share)}) for "
        f"a query of cost {cost:,.0f}",
        result=f"JIT {duration(compiled)}, {functions} functions; execution {duration(execution)}",
        share=share,
        subject="jit_above_cost",
        fix=Fix(
            summary="Raise jit_above_cost above the cost of this query, for the session, the role or the server; or "
            "switch jit off if the server runs short queries only",
            steps=[Step(sql=f"SET jit_above_cost = {_above(cost)};", note="for this session")],
        ),
    )


def _total(jit: Any) -> float:
    """Milliseconds of compiling: the total that PostgreSQL states, or the sum of its parts."""
    timing = jit.get("Timing") if isinstance(jit, Mapping) else None
    if not isinstance(timing, Mapping):
        return 0.0
    if isinstance(total := timing.get("Total"), int | float):
        return float(total)
    parts = [part.get("Total") if isinstance(part, Mapping) else part for part in timing.values()]
    return float(sum(part for part in parts if isinstance(part, int | float)))


def _above(cost: float) -> int:
    """A round cost that is above this one: two figures, rounded up from double."""
    double = max(200_000.0, 2 * cost)
    grain: int = 10 ** (int(log10(double)) - 1)
    return ceil(double / grain) * grain


_PLAN = (
    '[{{"Plan": {{"Node Type": "Seq Scan", "Relation Name": "lines", "Alias": "lines", "Startup Cost": 0.0, '
    '"Total Cost": 120400.0, "Plan Rows": 900, "Plan Width": 40, "Actual Startup Time": {start}, '
    '"Actual Total Time": {total}, "Actual Rows": 870, "Actual Loops": 1}}, "Planning Time": 0.3, "JIT": '
    '{{"Functions": 9, "Options": {{"Inlining": false, "Optimization": false, "Expressions": true, '
    '"Deforming": true}}, "Timing": {{"Generation": {{"Deform": 0.3, "Total": 1.9}}, "Inlining": 0.0, '
    '"Optimization": {optimization}, "Emission": 12.8, "Total": {jit}}}}}, "Execution Time": {execution}}}]'
)

RULE = PlanRule(
    id="jit-dominates",
    claim="Just-in-time compilation that takes over a quarter of a query costs more than it saves.",
    family="plans",
    severity=Severity.MEDIUM,
    why=(
        "JIT is switched on by the estimated cost of the whole query and pays only where very many rows pass through "
        "the compiled expressions. An over-estimate, or many partitions with few rows each, makes PostgreSQL compile "
        "for nothing."
    ),
    unless="The query usually runs much longer than it did this time.",
    failing=_PLAN.format(start=71.2, total=142.5, optimization=55.1, jit=69.8, execution=151.0),
    passing=_PLAN.format(start=21.2, total=1892.5, optimization=5.1, jit=19.8, execution=1893.0),
    sources=(
        "https://www.postgresql.org/docs/current/jit-decision.html",
        "https://www.postgresql.org/docs/current/runtime-config-query.html",
    ),
    inspect=inspect,
)
