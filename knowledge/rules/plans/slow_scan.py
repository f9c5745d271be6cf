"""Whole tables read for a few rows, where the filter is more than plain equality."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.report import Fix, Severity
from knowledge.rules.plan_rule import PlanContext, PlanHit, PlanRule
from knowledge.rules.plans._filtered_reads import FilteredRead, columns_text, filtered_reads, read_for, wasted
from knowledge.rules.plans._scans import table


def inspect(context: PlanContext) -> Iterator[PlanHit]:
    """Every wasteful sequential scan that the two rules about plain comparisons leave."""
    for read in filtered_reads(context):
        if not read.is_simple and not read.is_equalities:
            yield PlanHit(
                message=f"{table(read.node)} {read_for(read)}{_although(read)}",
                result=wasted(context, read),
                share=context.of(read.node).share,
                node=read.node.number,
                subject=table(read.node),
                fix=_advice(read),
            )


def _although(read: FilteredRead) -> str:
    return f", although the index {read.index} begins with a column of the filter" if read.index else ""


def _advice(read: FilteredRead) -> Fix:
    if read.index:
        return Fix(
            summary="Find out why the index is not used: an estimate far too high, a setting, or too wide a range"
        )
    columns = columns_text(read)
    return Fix(
        summary="Give the most selective part of the filter an index"
        + (f" (it names {columns}; columns compared by equality come first)" if columns else "")
    )


RULE = PlanRule(
    id="slow-scan",
    claim="A sequential scan that throws away nearly all it reads does work an index would spare.",
    family="plans",
    severity=Severity.HIGH,
    why=(
        "A sequential scan reads every page of the table and tests every row. It is reported when it takes 30 % of "
        "the query or more, removes at least 10,000 rows, and ten for each one it keeps; of an estimated plan, when "
        "it costs 30 % or more and expects at most one row for ten units of cost."
    ),
    unless="The query runs rarely, or the table is written so often that another index costs more than it saves.",
    failing=(
        "CREATE TABLE visits (id bigint, path text, seconds int);\n"
        "INSERT INTO visits SELECT g, '/page/' || g, g % 1000 FROM generate_series(1, 100000) g;\n"
        "ANALYZE visits;\n"
        "-- setup ends\n"
        "EXPLAIN (ANALYZE, BUFFERS) SELECT * FROM visits WHERE seconds > 998 OR path = '/page/7';"
    ),
    passing=(
        "CREATE TABLE visits (id bigint, path text, seconds int);\n"
        "INSERT INTO visits SELECT g, '/page/' || g, g % 1000 FROM generate_series(1, 100000) g;\n"
        "CREATE INDEX visits_seconds_idx ON visits (seconds);\n"
        "CREATE INDEX visits_path_idx ON visits (path);\n"
        "ANALYZE visits;\n"
        "-- setup ends\n"
        "EXPLAIN (ANALYZE, BUFFERS) SELECT * FROM visits WHERE seconds > 998 OR path = '/page/7';"
    ),
    sources=(
        "https://www.postgresql.org/docs/current/using-explain.html",
        "https://pganalyze.com/docs/explain/insights/slow-scan",
    ),
    inspect=inspect,
)
