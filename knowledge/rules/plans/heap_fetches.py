"""Index-only scans that visit the table after all."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.identifiers import qualified
from knowledge.plan.words import amount, percent
from knowledge.report import Fix, Severity, Step
from knowledge.rules.plan_rule import PlanContext, PlanHit, PlanRule
from knowledge.rules.plans._scans import discarded, matters, table, weight

FETCHED = 0.1
"""Part of the rows that may be looked up in the table (dataxplan's 10 %)."""

MANY_FETCHED = 0.4
"""Part from which it is more than a remark (pev2's middle step)."""

LEAST_FETCHES = 1_000
"""Look-ups below which nothing is to be gained."""


def inspect(context: PlanContext) -> Iterator[PlanHit]:
    """Every index-only scan that had to look up more than a tenth of its rows in the table."""
    for node in context.plan.nodes:
        fetches, read = node.number_of("Heap Fetches"), node.all_rows + discarded(node)
        if fetches < LEAST_FETCHES or fetches <= FETCHED * read or not matters(context, node, FETCHED):
            continue
        part = min(1.0, fetches / read) if read else 1.0
        vacuum = f"VACUUM {qualified(node.text('Schema'), node.text('Relation Name'))};"
        yield PlanHit(
            message=(
                f"The index-only scan of {node.index} went to the table {amount(fetches)} times for "
                f"{amount(read)} rows of {table(node)}"
            ),
            result=f"heap fetches {amount(fetches)} ({percent(part)} of the rows); {weight(context, node)}",
            share=context.of(node).share * part,
            node=node.number,
            subject=table(node),
            severity=Severity.MEDIUM if part >= MANY_FETCHED else Severity.LOW,
            fix=Fix(
                summary="VACUUM the table, so that its pages are known to be visible to all, and let autovacuum come "
                "more often (autovacuum_vacuum_insert_scale_factor, autovacuum_vacuum_scale_factor)",
                steps=[Step(sql=vacuum, alone=True)] if node.text("Relation Name") else [],
            ),
        )


RULE = PlanRule(
    id="heap-fetches",
    claim="An index-only scan visits the table for every page that VACUUM has not marked all-visible.",
    family="plans",
    severity=Severity.MEDIUM,
    why=(
        "Whether a row is visible stands in the table, not in the index; the visibility map spares that visit, and "
        "only VACUUM sets it. It is reported when more than 10 % of the rows, and at least 1,000, had to be looked up, "
        "in a scan that takes a tenth of the query or more; from 40 % on it is more than a remark."
    ),
    unless="The table is written all the time, so that no page stays all-visible for long.",
    failing=(
        "CREATE TABLE readings (sensor int, value int, note text);\n"
        "INSERT INTO readings SELECT g % 100, g, repeat('n', 80) FROM generate_series(1, 60000) g;\n"
        "CREATE INDEX readings_sensor_value_idx ON readings (sensor, value);\n"
        "VACUUM ANALYZE readings;\n"
        "UPDATE readings SET value = value + 1;\n"
        "SET enable_seqscan = off;\n"
        "SET enable_bitmapscan = off;\n"
        "-- setup ends\n"
        "EXPLAIN (ANALYZE, BUFFERS) SELECT sensor, sum(value) FROM readings WHERE sensor < 50 GROUP BY sensor;"
    ),
    passing=(
        "CREATE TABLE readings (sensor int, value int, note text);\n"
        "INSERT INTO readings SELECT g % 100, g, repeat('n', 80) FROM generate_series(1, 60000) g;\n"
        "CREATE INDEX readings_sensor_value_idx ON readings (sensor, value);\n"
        "VACUUM ANALYZE readings;\n"
        "SET enable_seqscan = off;\n"
        "SET enable_bitmapscan = off;\n"
        "-- setup ends\n"
        "EXPLAIN (ANALYZE, BUFFERS) SELECT sensor, sum(value) FROM readings WHERE sensor < 50 GROUP BY sensor;"
    ),
    sources=(
        "https://www.postgresql.org/docs/current/indexes-index-only-scans.html",
        "https://www.postgresql.org/docs/current/routine-vacuuming.html#VACUUM-FOR-VISIBILITY-MAP",
    ),
    inspect=inspect,
)
