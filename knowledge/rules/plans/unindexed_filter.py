"""Whole tables read for one comparison of a column with a value."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.report import Fix, Severity
from knowledge.rules.plan_rule import PlanContext, PlanHit, PlanRule
from knowledge.rules.plans._filtered_reads import filtered_reads, read_for, wasted
from knowledge.rules.plans._scans import table


def inspect(context: PlanContext) -> Iterator[PlanHit]:
    """Every wasteful sequential scan whose whole filter is ``column operator value``."""
    for read in filtered_reads(context):
        if read.is_simple:
            column = read.parts[0].columns[0].name
            yield PlanHit(
                message=f"{table(read.node)} {read_for(read)}: no index serves the comparison of {column}",
                result=wasted(context, read),
                share=context.of(read.node).share,
                node=read.node.number,
                subject=table(read.node),
                fix=Fix(summary=f"Give {table(read.node)} an index on {column}"),
            )


RULE = PlanRule(
    id="unindexed-filter",
    claim="A sequential scan for one comparison of a column with a value is what a single-column index is for.",
    family="plans",
    severity=Severity.HIGH,
    why=(
        "The filter has one part, a column compared with a value, so an index on that column finds the rows without "
        "reading the others. It is reported when the scan takes 30 % of the query or more, removes at least 10,000 "
        "rows, and ten for each one it keeps; of an estimated plan, when it costs 30 % or more and expects at most "
        "one row for ten units of cost."
    ),
    unless="The value is one that most rows have in other runs of the query, so that an index would rarely be used.",
    failing=(
        "CREATE TABLE orders (id bigint PRIMARY KEY, customer_id int NOT NULL, note text);\n"
        "INSERT INTO orders SELECT g, g % 20000, repeat('n', 40) FROM generate_series(1, 100000) g;\n"
        "ANALYZE orders;\n"
        "-- setup ends\n"
        "EXPLAIN (ANALYZE, BUFFERS) SELECT * FROM orders WHERE customer_id = 42;"
    ),
    passing=(
        "CREATE TABLE orders (id bigint PRIMARY KEY, customer_id int NOT NULL, note text);\n"
        "INSERT INTO orders SELECT g, g % 20000, repeat('n', 40) FROM generate_series(1, 100000) g;\n"
        "CREATE INDEX orders_customer_id_idx ON orders (customer_id);\n"
        "ANALYZE orders;\n"
        "-- setup ends\n"
        "EXPLAIN (ANALYZE, BUFFERS) SELECT * FROM orders WHERE customer_id = 42;"
    ),
    sources=(
        "https://www.postgresql.org/docs/current/indexes-intro.html",
        "https://www.postgresql.org/docs/current/using-explain.html",
    ),
    inspect=inspect,
)
