"""Queries that take longer to plan than they are worth."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.plan.words import counted, duration, percent
from knowledge.report import Fix, Severity
from knowledge.rules.plan_rule import PlanContext, PlanHit, PlanRule

LEAST_SHARE = 1 / 3
"""Share of planning and execution together from which planning is too much."""

LEAST_MS = 10.0
"""Milliseconds of planning below which nothing is said: a look-up by key always takes longer to plan than to run."""


def inspect(context: PlanContext) -> Iterator[PlanHit]:
    """A query that spends over a third of its time being planned."""
    plan = context.plan
    planning, execution = plan.planning_ms, plan.execution_ms
    if planning < LEAST_MS or not plan.is_measured or planning < LEAST_SHARE * (planning + execution):
        return
    tables = len({node.alias or node.relation for node in plan.nodes if node.relation})
    share = planning / (planning + execution)
    yield PlanHit(
        message=f"Planning took {duration(planning)} and execution {duration(execution)}: {percent(share)} of the "
        f"whole goes into choosing a plan over {counted(tables, 'table')}",
        result=f"planning {duration(planning)}, execution {duration(execution)}, {tables} tables in the plan",
        share=share,
        subject="planning",
        fix=Fix(
            summary="Prepare the statement once a session so that its plan is kept (plan_cache_mode = "
            "force_generic_plan if parameters do not change the plan); name the partition key so that partitions are "
            "left out early; join fewer tables, or lower join_collapse_limit and from_collapse_limit"
        ),
    )


_TABLES = (
    "CREATE TABLE a (id int, v int);\n"
    "INSERT INTO a SELECT i, i FROM generate_series(1, 100) i;\n"
    "ANALYZE a;\n"
    "-- setup ends\n"
)

RULE = PlanRule(
    id="planning-dominates",
    claim="A query that is planned longer than it runs is better prepared once.",
    family="plans",
    severity=Severity.MEDIUM,
    why=(
        "The planner tries join orders, and their number grows exponentially with the tables; partitions and indexes "
        "multiply it. The work is repeated for each execution unless the statement is prepared."
    ),
    unless="It was the first statement of a new connection, which also fills the catalog caches.",
    failing=(
        _TABLES + "EXPLAIN (ANALYZE, FORMAT JSON) SELECT count(*) FROM a a1, a a2, a a3, a a4, a a5, a a6, a a7, a a8, "
        "a a9, a a10 WHERE a1.id = a2.id AND a2.id = a3.id AND a3.id = a4.id AND a4.id = a5.id AND a5.id = a6.id AND "
        "a6.id = a7.id AND a7.id = a8.id AND a8.id = a9.id AND a9.id = a10.id;"
    ),
    passing=_TABLES + "EXPLAIN (ANALYZE, FORMAT JSON) SELECT count(*) FROM a a1, a a2 WHERE a1.id = a2.id;",
    sources=(
        "https://www.postgresql.org/docs/current/sql-prepare.html",
        "https://www.postgresql.org/docs/current/runtime-config-query.html",
        "https://www.postgresql.org/docs/current/explicit-joins.html",
    ),
    inspect=inspect,
)
