"""SQLite builds an index for one query and throws it away."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.plan.words import shortened
from knowledge.report import Fix, Severity
from knowledge.rules.plan_rule import PlanContext, PlanHit, PlanRule
from knowledge.rules.plans._sqlite import SMALL, rows_of
from knowledge.rules.rule import Versions


def inspect(context: PlanContext) -> Iterator[PlanHit]:
    """Automatic indexes on tables that are not known to be small; those on subqueries cannot be kept."""
    if context.plan.engine != "sqlite":
        return
    derived = {node.alias for node in context.plan.nodes if node.kind in ("Materialize", "Co-Routine")}
    for node in context.plan.nodes:
        if not node.properties.get("Automatic Index") or node.alias in derived or not node.relation:
            continue
        if node.number_of("Table Rows", SMALL) >= SMALL:
            table, on = shortened(node.alias, 60), shortened(node.text("Index Cond"), 80)
            yield PlanHit(
                message=f"Builds an index on {table}{rows_of(node)} for this query alone, each time it runs",
                result=shortened(node.text("Detail")),
                share=0.0,
                node=node.number,
                subject=node.relation,
                fix=Fix(summary=f"Keep an index on the columns it looks up: {on}"),
            )


RULE = PlanRule(
    id="sqlite-automatic-index",
    claim="An AUTOMATIC index is built from the whole table every time the query runs.",
    family="plans",
    severity=Severity.MEDIUM,
    why="Building it reads and sorts the table (N log N); a kept index costs that once.",
    unless="The table is known to have under 1,000 rows, what is indexed is a subquery's result, or the query is rare.",
    failing="""QUERY PLAN
|--SCAN c
`--SEARCH o USING AUTOMATIC COVERING INDEX (customer_id=?)
""",
    passing="""QUERY PLAN
|--MATERIALIZE r
|  |--SCAN orders
|  `--USE TEMP B-TREE FOR GROUP BY
|--SCAN c
`--SEARCH r USING AUTOMATIC COVERING INDEX (customer_id=?)
""",
    sources=("https://sqlite.org/optoverview.html#automatic_query_time_indexes",),
    versions=(Versions("sqlite"),),
    fix_safety="review",
    inspect=inspect,
)
