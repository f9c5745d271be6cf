"""Index scans that descend the index over and over."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.plan.words import amount, counted, percent, shortened
from knowledge.report import Fix, Severity
from knowledge.rules.plan_rule import PlanContext, PlanHit, PlanRule
from knowledge.rules.plans._effort import weighs

LEAST_SEARCHES = 50
"""Searches in one scan from which they are many: one is what a B-tree is made for."""

FACTOR = 5
"""Searches for each row found from which most of them were in vain."""


def inspect(context: PlanContext) -> Iterator[PlanHit]:
    """Every index scan that searched the index many times for few rows (EXPLAIN of 18 counts them)."""
    for node in context.plan.nodes:
        searches = node.number_of("Index Searches")
        if not node.loops or not weighs(context, node):
            continue
        each = searches / node.loops
        if each < LEAST_SEARCHES or searches < FACTOR * node.all_rows:
            continue
        share = context.of(node).share
        listed = "ANY (" in node.text("Index Cond")
        yield PlanHit(
            message=f"{shortened(node.index)} is searched {counted(each, 'time')} a scan to find "
            f"{counted(node.actual_rows, 'row')}: "
            + ("most values of the list are not there" if listed else "the condition skips its first column")
            + f"; {percent(share)} of the time",
            result=f"Index Searches {amount(searches)} in {counted(node.loops, 'loop')}; Index Cond: "
            f"{shortened(node.text('Index Cond'), 200)}",
            share=share,
            node=node.number,
            subject=node.index,
            fix=Fix(
                summary="Send only values that can exist, or join with a table of them"
                if listed
                else "An index that begins with the column of the condition is searched once; skipping through the "
                "values of a leading column pays only where these are few"
            ),
        )


_TABLE = (
    "CREATE TABLE parcels (depot text, code int);\n"
    "INSERT INTO parcels SELECT repeat('x', 200) || i % {depots}, i FROM generate_series(1, 40000) i;\n"
    "CREATE INDEX parcels_depot_code_idx ON parcels (depot, code);\n"
    "ANALYZE parcels;\n"
    "-- setup ends\n"
    "SET enable_seqscan = off;\n"
    "SET enable_bitmapscan = off;\n"
    "EXPLAIN (ANALYZE, FORMAT JSON) SELECT * FROM parcels WHERE code = 4711;"
)

RULE = PlanRule(
    id="many-index-searches",
    claim="An index whose first column is not in the condition is searched once for each of its values.",
    family="plans",
    severity=Severity.LOW,
    why=(
        "Since 18 a B-tree can skip through the values of a leading column that the condition leaves out. Each value "
        "costs a descent; with many values that is slower than an index made for the condition."
    ),
    unless="The query is rare and the leading column has few values.",
    failing=_TABLE.format(depots=400),
    passing=_TABLE.format(depots=5),
    sources=(
        "https://www.postgresql.org/docs/18/indexes-multicolumn.html",
        "https://www.postgresql.org/docs/18/using-explain.html",
    ),
    inspect=inspect,
)
