"""Subqueries that run once for each row."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.plan.words import amount, percent
from knowledge.report import Fix, Severity
from knowledge.rules.plan_rule import PlanContext, PlanHit, PlanRule
from knowledge.rules.plans._joins import is_hashed, is_not_in, subplan_share
from knowledge.rules.plans._scans import LARGE_SHARE, NOTICEABLE_COST, NOTICEABLE_MS, table

RUNS = 100.0
"""Runs from which a subquery is worth a join of its own."""


def inspect(context: PlanContext) -> Iterator[PlanHit]:
    """Every subplan that runs for each row and takes a large share, but those of NOT IN, which have their own rule."""
    for node in context.plan.nodes:
        parent = context.plan.parents.get(node.number)
        if node.relationship != "SubPlan" or parent is None or is_hashed(parent, node):
            continue
        if is_not_in(context, parent, node):
            continue
        share = subplan_share(context, parent, node)
        runs = node.loops if node.is_measured else parent.estimated_rows
        whole = context.of(context.plan.root)
        spent, trifle = (
            (whole.inclusive_ms, NOTICEABLE_MS) if context.plan.is_timed else (whole.inclusive_cost, NOTICEABLE_COST)
        )
        if runs >= RUNS and share >= LARGE_SHARE and share * spent >= trifle:
            estimated = "" if node.is_measured else "an estimated "
            read = next((table(each) for each in node.walk() if table(each)), "")
            yield PlanHit(
                message=f"The subquery{f' on {read}' if read else ''} runs {estimated}{amount(runs)} times, once a row",
                result=f"{node.text('Subplan Name') or 'SubPlan'}: {estimated}{amount(runs)} runs, {percent(share)} "
                f"of the "
                f"query's {'time' if context.plan.is_timed else 'cost'}",
                share=share,
                node=node.number,
                subject=read,
                fix=Fix(
                    summary="Join with the subquery grouped by its key (LEFT JOIN ... GROUP BY), so that it is "
                    "computed "
                    "once for all rows; where only a few rows of each are wanted, LATERAL with an index"
                ),
            )


RULE = PlanRule(
    id="correlated-subplan",
    claim="A subquery that refers to the outer row is run again for every one of them.",
    family="plans",
    severity=Severity.MEDIUM,
    why=(
        "A scalar subquery in the list of results, or one in a condition that cannot become a join, is executed row by "
        "row. It is reported when it ran 100 times or more and that took 30 % of the query; of an estimated plan, "
        "when its cost for each row returned makes up that share."
    ),
    unless="Few rows reach it in practice, and each run is one search of an index.",
    failing=(
        "CREATE TABLE team (id int PRIMARY KEY, name text);\n"
        "CREATE TABLE player (team_id int, goals int);\n"
        "INSERT INTO team SELECT g, 'team ' || g FROM generate_series(1, 300) g;\n"
        "INSERT INTO player SELECT 1 + g % 300, g % 9 FROM generate_series(1, 3000) g;\n"
        "ANALYZE team, player;\n"
        "-- setup ends\n"
        "EXPLAIN (ANALYZE, BUFFERS) SELECT name, (SELECT sum(goals) FROM player WHERE team_id = team.id) FROM team;"
    ),
    passing=(
        "CREATE TABLE team (id int PRIMARY KEY, name text);\n"
        "CREATE TABLE player (team_id int, goals int);\n"
        "INSERT INTO team SELECT g, 'team ' || g FROM generate_series(1, 300) g;\n"
        "INSERT INTO player SELECT 1 + g % 300, g % 9 FROM generate_series(1, 3000) g;\n"
        "ANALYZE team, player;\n"
        "-- setup ends\n"
        "EXPLAIN (ANALYZE, BUFFERS) SELECT name, goals FROM team\n"
        "LEFT JOIN (SELECT team_id, sum(goals) AS goals FROM player GROUP BY team_id) p ON p.team_id = team.id;"
    ),
    sources=(
        "https://www.postgresql.org/docs/current/using-explain.html",
        "https://www.postgresql.org/docs/current/queries-table-expressions.html#QUERIES-LATERAL",
    ),
    inspect=inspect,
)
