"""Nested loops that turn far more often than planned."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.plan.words import amount, percent, step
from knowledge.report import Fix, Severity
from knowledge.rules.plan_rule import PlanContext, PlanHit, PlanRule
from knowledge.rules.plans._estimates import WRONG
from knowledge.rules.plans._joins import inner_of, outer_of, per_row_share
from knowledge.rules.plans._scans import LARGE_SHARE, NOTICEABLE_MS, table

TURNS = 1_000
"""Turns of the inner side from which a nested loop is worth a word (the catalogue's 1,000)."""


def inspect(context: PlanContext) -> Iterator[PlanHit]:
    """Every nested loop with a thousand turns or more, ten for each that was planned, on whatever is not a Seq Scan."""
    for node in context.plan.nodes:
        outer, inner = outer_of(node), inner_of(node)
        if node.kind != "Nested Loop" or outer is None or inner is None or inner.kind == "Seq Scan":
            continue
        planned = max(1.0, outer.estimated_rows) * max(1.0, outer.loops)
        share = per_row_share(context, node)
        slow = not context.plan.is_timed or context.of(node).inclusive_ms >= NOTICEABLE_MS
        if inner.loops >= TURNS and outer.all_rows >= WRONG * planned and share >= LARGE_SHARE and slow:
            yield PlanHit(
                message=f"A nested loop planned for {amount(planned)} turns makes {amount(inner.loops)}: {step(inner)}",
                result=f"outer rows estimated {amount(planned)}, found {amount(outer.all_rows)}; inner loops "
                f"{amount(inner.loops)}; {percent(share)} of the query's {'time' if context.plan.is_timed else 'cost'}",
                share=share,
                node=node.number,
                subject=table(inner),
                fix=Fix(
                    summary="Correct the estimate of the outer side (ANALYZE, a higher statistics target, CREATE "
                    "STATISTICS), so that a hash or merge join reads the inner side once; where it cannot be "
                    "estimated, "
                    "put the outer side in a MATERIALIZED CTE or a temporary table that is analysed"
                ),
            )


RULE = PlanRule(
    id="inefficient-nested-loop",
    claim="A nested loop chosen for a few outer rows looks up the inner side far too often when there are many.",
    family="plans",
    severity=Severity.HIGH,
    why=(
        "Each outer row costs one search of the inner side, while a hash join reads that side once. It is reported "
        "when "
        "the inner side ran at least 1,000 times, ten times as often as planned, and that takes 30 % of the query."
    ),
    unless="The estimate fits the usual values and this run had an exceptional one.",
    failing=(
        "CREATE TABLE author (id int, name text, country text);\n"
        "CREATE TABLE book (author_id int, title text);\n"
        "INSERT INTO author SELECT g, 'A' || g, 'at' FROM generate_series(1, 30000) g;\n"
        "INSERT INTO book SELECT g, 'B' || g FROM generate_series(1, 60000) g;\n"
        "CREATE INDEX book_author_id_idx ON book (author_id);\n"
        "ANALYZE author, book;\n"
        "-- setup ends\n"
        "EXPLAIN (ANALYZE, BUFFERS) SELECT count(title) FROM author JOIN book ON author_id = id\n"
        "WHERE upper(country) = 'AT';"
    ),
    passing=(
        "CREATE TABLE author (id int, name text, country text);\n"
        "CREATE TABLE book (author_id int, title text);\n"
        "INSERT INTO author SELECT g, 'A' || g, 'at' FROM generate_series(1, 30000) g;\n"
        "INSERT INTO book SELECT g, 'B' || g FROM generate_series(1, 60000) g;\n"
        "CREATE INDEX book_author_id_idx ON book (author_id);\n"
        "CREATE STATISTICS author_country ON upper(country) FROM author;\n"
        "ANALYZE author, book;\n"
        "-- setup ends\n"
        "EXPLAIN (ANALYZE, BUFFERS) SELECT count(title) FROM author JOIN book ON author_id = id\n"
        "WHERE upper(country) = 'AT';"
    ),
    sources=(
        "https://www.postgresql.org/docs/current/using-explain.html",
        "https://pganalyze.com/docs/explain/insights/inefficient-nested-loop",
    ),
    inspect=inspect,
)
