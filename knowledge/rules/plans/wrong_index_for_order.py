"""An index walked for its order, while the rows wanted lie elsewhere in it."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.plan.words import amount
from knowledge.report import Fix, Severity
from knowledge.rules.plan_rule import PlanContext, PlanHit, PlanRule
from knowledge.rules.plans._conditions import columns_of, names
from knowledge.rules.plans._index_scans import is_for_order, throws_away
from knowledge.rules.plans._scans import discarded, table, weight


def inspect(context: PlanContext) -> Iterator[PlanHit]:
    """Every scan under a Limit that no condition leads and whose filter throws away most rows."""
    for node in context.plan.nodes:
        if not is_for_order(context, node) or not throws_away(context, node):
            continue
        gone, kept = discarded(node), node.all_rows
        columns = names(columns_of(node.text("Filter"))) or "what the filter compares"
        yield PlanHit(
            message=(
                f"{table(node)} is read in the order of {node.index} because of the LIMIT, and {amount(gone)} rows are "
                f"thrown away before {amount(kept)} are found"
            ),
            result=f"rows removed by the filter {amount(gone)}, kept {amount(kept)}; {weight(context, node)}; Filter: "
            f"{node.text('Filter')}",
            share=context.of(node).share,
            node=node.number,
            subject=table(node),
            fix=Fix(
                summary=f"Give {table(node)} an index on {columns} followed by the columns of the ORDER BY; until then "
                "an ORDER BY of an expression such as id + 0 keeps the planner from this index"
            ),
        )


RULE = PlanRule(
    id="wrong-index-for-order",
    claim="An index chosen for ORDER BY with LIMIT reads on and on where the filter's rows come late in that order.",
    family="plans",
    severity=Severity.HIGH,
    why=(
        "The planner expects matching rows to be spread evenly, so that a few steps along the sorted index find enough "
        "of them. Where they lie together at the far end, or hardly exist, it walks most of the table row by row. It "
        "is reported when the scan takes 30 % of the query or more, throws away at least 1,000 rows, and ten for each "
        "it keeps. min() and max() of a filtered table are planned the same way."
    ),
    unless="The values of this run are rare ones, and the usual values are found within a few rows.",
    failing=(
        "CREATE TABLE posts (id bigint PRIMARY KEY, author_id int, body text);\n"
        "INSERT INTO posts SELECT g, CASE WHEN g > 99800 THEN 7 ELSE g % 5 END, repeat('b', 60)\n"
        "FROM generate_series(1, 100000) g;\n"
        "ANALYZE posts;\n"
        "-- setup ends\n"
        "EXPLAIN (ANALYZE, BUFFERS) SELECT * FROM posts WHERE author_id = 7 ORDER BY id LIMIT 10;"
    ),
    passing=(
        "CREATE TABLE posts (id bigint PRIMARY KEY, author_id int, body text);\n"
        "INSERT INTO posts SELECT g, CASE WHEN g > 99800 THEN 7 ELSE g % 5 END, repeat('b', 60)\n"
        "FROM generate_series(1, 100000) g;\n"
        "CREATE INDEX posts_author_id_id_idx ON posts (author_id, id);\n"
        "ANALYZE posts;\n"
        "-- setup ends\n"
        "EXPLAIN (ANALYZE, BUFFERS) SELECT * FROM posts WHERE author_id = 7 ORDER BY id LIMIT 10;"
    ),
    sources=(
        "https://www.postgresql.org/docs/current/indexes-ordering.html",
        "https://www.postgresql.org/docs/current/using-explain.html",
    ),
    inspect=inspect,
)
