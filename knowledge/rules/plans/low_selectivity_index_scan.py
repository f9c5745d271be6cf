"""Tables fetched row by row through an index that nothing narrows down."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.plan.model import Node
from knowledge.plan.words import amount
from knowledge.report import Fix, Severity
from knowledge.rules.plan_rule import PlanContext, PlanHit, PlanRule
from knowledge.rules.plans._index_scans import blocks, is_led, limit_above
from knowledge.rules.plans._scans import LARGE_SHARE, MANY_ROWS, discarded, matters, table, weight

BLOCKS_A_ROW = 0.2
"""Blocks read for each row from which rows are fetched one by one, and not from the cache; in the table's own
order it is far below."""


def inspect(context: PlanContext) -> Iterator[PlanHit]:
    """Every index scan without a condition that reads a block for every fifth row or more."""
    for node in context.plan.nodes:
        read = node.all_rows + discarded(node)
        if (
            node.kind == "Index Scan"
            and not is_led(node)
            and read >= MANY_ROWS
            and node.number_of("Shared Read Blocks") >= BLOCKS_A_ROW * read
            and matters(context, node, LARGE_SHARE)
            and limit_above(context, node) is None
            and not _is_partial(context, node)
        ):
            yield PlanHit(
                message=(
                    f"{node.index} is read from end to end: {amount(read)} rows of {table(node)} are fetched one by "
                    f"one, with {amount(node.number_of('Shared Read Blocks'))} blocks read that were not in the cache"
                ),
                result=f"no Index Cond; rows read {amount(read)}, blocks touched {amount(blocks(node))}, read "
                f"{amount(node.number_of('Shared Read Blocks'))}; "
                f"{weight(context, node)}",
                share=context.of(node).share,
                node=node.number,
                subject=table(node),
                fix=Fix(
                    summary="Let the table be scanned and sorted (is random_page_cost too low, or a scan or sort "
                    "switched off?), or let the index include every column the query needs, so that the "
                    "table is not visited"
                ),
            )


def _is_partial(context: PlanContext, node: Node) -> bool:
    """Whether the index is known to hold only the rows the query wants."""
    relation = context.schema.table(node.text("Relation Name"), node.text("Schema") or "public")
    return relation is not None and any(index.name == node.index and index.partial for index in relation.indexes)


RULE = PlanRule(
    id="low-selectivity-index-scan",
    claim="An index that returns the whole table costs a block access a row, where a scan reads each block once.",
    family="plans",
    severity=Severity.MEDIUM,
    why=(
        "Through an index whose order is not the table's, each row is another block. That pays for few rows, not for "
        "all of them. It is reported when a scan without any index condition reads at least 10,000 rows, reads a "
        "block that was not in the cache for every fifth row or more, and takes 30 % of the query or more."
    ),
    unless="The index is a partial one that holds just the rows wanted, or the first rows must come without delay.",
    failing=(
        "Index Scan using readings_sensor_idx on readings  (cost=0.29..48210.29 rows=60000 width=93) "
        "(actual time=0.311..2904.512 rows=60000.00 loops=1)\n"
        "  Index Searches: 1\n"
        "  Buffers: shared hit=12807 read=47358\n"
        "Planning Time: 0.210 ms\n"
        "Execution Time: 2921.004 ms"
    ),
    passing=(
        "CREATE TABLE readings (id int PRIMARY KEY, sensor int, value int, note text);\n"
        "INSERT INTO readings SELECT g, g * 7919 % 100003, g, repeat('n', 500) FROM generate_series(1, 60000) g;\n"
        "CREATE INDEX readings_sensor_idx ON readings (sensor);\n"
        "ANALYZE readings;\n"
        "SET effective_cache_size = '16MB';\n"
        "SET work_mem = '64MB';\n"
        "-- setup ends\n"
        "EXPLAIN (ANALYZE, BUFFERS) SELECT * FROM readings ORDER BY sensor;"
    ),
    sources=(
        "https://www.postgresql.org/docs/current/indexes-ordering.html",
        "https://www.postgresql.org/docs/current/runtime-config-query.html#GUC-RANDOM-PAGE-COST",
    ),
    inspect=inspect,
)
