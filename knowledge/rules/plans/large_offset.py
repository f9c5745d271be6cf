"""Pages reached by counting through all pages before them."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.plan.model import Node
from knowledge.plan.words import amount
from knowledge.report import Fix, Severity
from knowledge.rules.plan_rule import PlanContext, PlanHit, PlanRule
from knowledge.rules.plans._scans import DISCARD_RATIO, LARGE_SHARE, capped, matters, weight

SKIPPED = 1_000
"""Rows skipped below which an OFFSET is cheap."""


def inspect(context: PlanContext) -> Iterator[PlanHit]:
    """Every Limit that makes and drops many rows for each one it returns."""
    for node in context.plan.nodes:
        if node.kind != "Limit" or not node.children:
            continue
        skipped = _skipped(node)
        returned = node.all_rows if node.is_measured else node.estimated_rows
        if skipped < max(SKIPPED, DISCARD_RATIO * returned) or not matters(context, node, LARGE_SHARE, whole=True):
            continue
        estimated = "" if node.is_measured else "an estimated "
        yield PlanHit(
            message=f"OFFSET makes and drops {estimated}{amount(skipped)} rows to return {amount(returned)}",
            result=f"rows into the Limit {estimated}{amount(skipped + returned)}, out of it {amount(returned)}; "
            f"{weight(context, node, whole=True)}",
            share=capped(context.of(node).inclusive_share * skipped / (skipped + max(1.0, returned))),
            node=node.number,
            fix=Fix(
                summary="Page by key: remember the last row's sort columns and ask for what follows, WHERE (a, id) > "
                "($1, $2) ORDER BY a, id LIMIT n, with an index on these columns"
            ),
        )


def _skipped(limit: Node) -> float:
    """Rows the Limit dropped; in an estimated plan by the part of the child's run that its start costs."""
    child = limit.children[0]
    if limit.is_measured:
        return child.all_rows - limit.all_rows
    begin, end = child.number_of("Startup Cost"), child.number_of("Total Cost")
    if end <= begin:
        return 0.0
    return (limit.number_of("Startup Cost") - begin) / (end - begin) * child.estimated_rows


RULE = PlanRule(
    id="large-offset",
    claim="OFFSET does not skip rows: they are found, sorted and then dropped.",
    family="plans",
    severity=Severity.MEDIUM,
    why=(
        "Each later page costs more than the one before, and rows inserted meanwhile shift the pages. It is "
        "reported when "
        "at least 1,000 rows, and ten for each one returned, are dropped and that takes 30 % of the query; in an "
        "estimated plan the rows are reckoned from the start-up cost of the Limit."
    ),
    unless="People hardly ever leave the first pages, or must be able to jump to a page by its number.",
    failing=(
        "CREATE TABLE post (id int PRIMARY KEY, body text);\n"
        "INSERT INTO post SELECT g, repeat('b', 80) FROM generate_series(1, 60000) g;\n"
        "ANALYZE post;\n"
        "-- setup ends\n"
        "EXPLAIN (ANALYZE, BUFFERS) SELECT * FROM post ORDER BY id LIMIT 20 OFFSET 50000;"
    ),
    passing=(
        "CREATE TABLE post (id int PRIMARY KEY, body text);\n"
        "INSERT INTO post SELECT g, repeat('b', 80) FROM generate_series(1, 60000) g;\n"
        "ANALYZE post;\n"
        "-- setup ends\n"
        "EXPLAIN (ANALYZE, BUFFERS) SELECT * FROM post WHERE id > 50000 ORDER BY id LIMIT 20;"
    ),
    sources=(
        "https://www.postgresql.org/docs/current/queries-limit.html",
        "https://use-the-index-luke.com/no-offset",
    ),
    inspect=inspect,
)
