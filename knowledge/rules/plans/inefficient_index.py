"""Index scans that fetch many rows to keep few."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.plan.words import amount
from knowledge.report import Fix, Severity
from knowledge.rules.plan_rule import PlanContext, PlanHit, PlanRule
from knowledge.rules.plans._conditions import columns_of, names
from knowledge.rules.plans._index_scans import index_of, is_for_order, throws_away
from knowledge.rules.plans._scans import capped, discarded, table, weight


def inspect(context: PlanContext) -> Iterator[PlanHit]:
    """Every index or bitmap scan whose filter throws away most rows, unless it is walked for its order."""
    for node in context.plan.nodes:
        if not throws_away(context, node) or is_for_order(context, node):
            continue
        whole = node.kind == "Bitmap Heap Scan"
        gone, kept, index = discarded(node), node.all_rows, index_of(node)
        figures, columns = context.of(node), names(columns_of(node.text("Filter")))
        yield PlanHit(
            message=(
                f"{index} leads to {amount(gone + kept)} rows of {table(node)}, of which "
                f"the filter keeps {amount(kept)}"
            ),
            result=(
                f"rows removed by the filter {amount(gone)}, kept {amount(kept)}; "
                f"{weight(context, node, whole=whole)}; Filter: {node.text('Filter')}"
            ),
            share=capped(figures.inclusive_share if whole else figures.share),
            node=node.number,
            subject=table(node),
            fix=Fix(
                summary=f"Let the index contain {columns or 'what the filter compares'} as well: as a further key "
                "where it is compared with a value, or as the predicate of a partial index where the "
                "value is always the same"
            ),
        )


RULE = PlanRule(
    id="inefficient-index",
    claim="An index scan that throws away most rows it fetched uses an index that lacks a column.",
    family="plans",
    severity=Severity.HIGH,
    why=(
        "What the index cannot decide is decided on the row, and each row costs a visit to the table. It is reported "
        "when the scan takes 30 % of the query or more, throws away at least 1,000 rows, and ten for each it keeps."
    ),
    unless="The filter is something no index can hold, such as a comparison of two columns that both change often.",
    failing=(
        "CREATE TABLE events (id bigint, tenant_id int, kind text, payload text);\n"
        "INSERT INTO events SELECT g, g % 5, 'kind ' || g / 5 % 1000, repeat('p', 60)\n"
        "FROM generate_series(1, 100000) g;\n"
        "CREATE INDEX events_tenant_id_idx ON events (tenant_id);\n"
        "ANALYZE events;\n"
        "SET enable_seqscan = off;\n"
        "-- setup ends\n"
        "EXPLAIN (ANALYZE, BUFFERS) SELECT * FROM events WHERE tenant_id = 3 AND kind = 'kind 7';"
    ),
    passing=(
        "CREATE TABLE events (id bigint, tenant_id int, kind text, payload text);\n"
        "INSERT INTO events SELECT g, g % 5, 'kind ' || g / 5 % 1000, repeat('p', 60)\n"
        "FROM generate_series(1, 100000) g;\n"
        "CREATE INDEX events_tenant_id_kind_idx ON events (tenant_id, kind);\n"
        "ANALYZE events;\n"
        "-- setup ends\n"
        "EXPLAIN (ANALYZE, BUFFERS) SELECT * FROM events WHERE tenant_id = 3 AND kind = 'kind 7';"
    ),
    sources=(
        "https://pganalyze.com/docs/explain/insights/inefficient-index",
        "https://www.postgresql.org/docs/current/indexes-multicolumn.html",
    ),
    inspect=inspect,
)
