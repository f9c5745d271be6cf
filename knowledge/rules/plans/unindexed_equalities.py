"""Whole tables read for several columns compared by equality."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.report import Fix, Severity
from knowledge.rules.plan_rule import PlanContext, PlanHit, PlanRule
from knowledge.rules.plans._filtered_reads import columns_text, filtered_reads, read_for, wasted
from knowledge.rules.plans._scans import table


def inspect(context: PlanContext) -> Iterator[PlanHit]:
    """Every wasteful sequential scan whose filter is ``a = x AND b = y`` and no more."""
    for read in filtered_reads(context):
        if read.is_equalities:
            columns = columns_text(read)
            yield PlanHit(
                message=f"{table(read.node)} {read_for(read)}: no index serves the equalities of {columns}",
                result=wasted(context, read),
                share=context.of(read.node).share,
                node=read.node.number,
                subject=table(read.node),
                fix=Fix(
                    summary=f"Give {table(read.node)} one index on {columns} together, the column that most "
                    "queries compare first"
                ),
            )


RULE = PlanRule(
    id="unindexed-equalities",
    claim="A sequential scan for several columns compared by equality is what a composite index is for.",
    family="plans",
    severity=Severity.HIGH,
    why=(
        "One index on all columns compared by equality leads to exactly the rows wanted. It is reported when the scan "
        "takes 30 % of the query or more, removes at least 10,000 rows, and ten for each one it keeps; of an "
        "estimated plan, when it costs 30 % or more and expects at most one row for ten units of cost."
    ),
    unless="One of the columns alone is nearly unique and other queries need an index on it anyway.",
    failing=(
        "CREATE TABLE tasks (id bigint PRIMARY KEY, tenant_id int, state text, note text);\n"
        "INSERT INTO tasks SELECT g, g % 100, (ARRAY['open','done'])[1 + g / 100 % 2], repeat('n', 40)\n"
        "FROM generate_series(1, 100000) g;\n"
        "ANALYZE tasks;\n"
        "-- setup ends\n"
        "EXPLAIN (ANALYZE, BUFFERS) SELECT * FROM tasks WHERE tenant_id = 7 AND state = 'open';"
    ),
    passing=(
        "CREATE TABLE tasks (id bigint PRIMARY KEY, tenant_id int, state text, note text);\n"
        "INSERT INTO tasks SELECT g, g % 100, (ARRAY['open','done'])[1 + g / 100 % 2], repeat('n', 40)\n"
        "FROM generate_series(1, 100000) g;\n"
        "CREATE INDEX tasks_tenant_id_state_idx ON tasks (tenant_id, state);\n"
        "ANALYZE tasks;\n"
        "-- setup ends\n"
        "EXPLAIN (ANALYZE, BUFFERS) SELECT * FROM tasks WHERE tenant_id = 7 AND state = 'open';"
    ),
    sources=(
        "https://www.postgresql.org/docs/current/indexes-multicolumn.html",
        "https://www.postgresql.org/docs/current/using-explain.html",
    ),
    inspect=inspect,
)
