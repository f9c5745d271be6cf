"""The one step that takes most of the query."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.plan.words import counted, duration, percent, step, unit
from knowledge.report import Fix, Severity
from knowledge.rules.plan_rule import PlanContext, PlanHit, PlanRule

LEAST_SHARE = 0.4
"""Share of the query from which a step dominates it (pev2: 10, 40 and 90 %; depesz: 10, 50 and 90 %)."""

LEAST_MS = 20.0
"""Milliseconds below which no step is worth a word."""

LEAST_COST = 10_000.0
"""The same in the planner's units, where nothing was timed."""

LEAST_NODES = 3
"""Steps a plan must have: of one or two, one always dominates."""


def inspect(context: PlanContext) -> Iterator[PlanHit]:
    """The heaviest step, where it takes two fifths of a query that takes long."""
    plan = context.plan
    ran = [node for node in plan.nodes if not node.never_executed]
    known = plan.engine == "postgresql" and (plan.is_timed or plan.root.has_costs)
    if len(ran) < LEAST_NODES or not known:
        return
    node = max(ran, key=lambda candidate: context.of(candidate).share)
    figures = context.of(node)
    spent, least = (figures.self_ms, LEAST_MS) if plan.is_timed else (figures.self_cost, LEAST_COST)
    if figures.share < LEAST_SHARE or spent < least:
        return
    runs = f", in {counted(node.loops, 'run')}" if node.loops > 1 else ""
    yield PlanHit(
        message=f"{step(node)} alone takes {percent(figures.share)} of the {unit(plan)}{runs}",
        result=f"{duration(spent)} of its own" if plan.is_timed else f"cost {spent:,.0f} of its own",
        share=figures.share,
        node=node.number,
        subject=node.relation or node.kind,
        fix=Fix(summary="Begin here: whatever is gained in the other steps together is less"),
    )


RULE = PlanRule(
    id="dominating-node",
    claim="Where one step takes most of a query, only that step is worth work.",
    family="plans",
    severity=Severity.LOW,
    why="A query gets no quicker than its slowest step allows: its share is the most that can be saved there.",
    unless="The step is the purpose of the query and already as quick as it can be.",
    failing=(
        "CREATE TABLE words (id int, word text);\n"
        "INSERT INTO words SELECT i, md5(i::text) FROM generate_series(1, 20000) i;\n"
        "ANALYZE words;\n"
        "-- setup ends\n"
        "EXPLAIN (ANALYZE, FORMAT JSON) SELECT word, count(*) FROM words WHERE repeat(word, 60) ~ 'a.*b.*c.*0{9}$' "
        "GROUP BY word ORDER BY word;"
    ),
    passing=(
        "CREATE TABLE words (id int, word text);\n"
        "INSERT INTO words SELECT i, md5(i::text) FROM generate_series(1, 200) i;\n"
        "ANALYZE words;\n"
        "-- setup ends\n"
        "EXPLAIN (ANALYZE, FORMAT JSON) SELECT word, count(*) FROM words GROUP BY word ORDER BY word;"
    ),
    sources=(
        "https://www.postgresql.org/docs/current/using-explain.html",
        "https://github.com/dalibo/pev2",
    ),
    inspect=inspect,
)
