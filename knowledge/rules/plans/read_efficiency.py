"""Scans that read far more bytes than the rows they look at need."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.plan.words import BLOCK, counted, percent, size, step
from knowledge.report import Fix, Severity
from knowledge.rules.plan_rule import PlanContext, PlanHit, PlanRule
from knowledge.rules.plans._effort import examined, own, weighs

FACTOR = 30
"""Times the needed bytes from which a scan is called wasteful. Columns that only the condition looks at are not in
the plan's width, so that a small factor would accuse ordinary scans."""

LEAST_BLOCKS = 1_000
"""Blocks (8 MB) below which the waste does not matter."""

ROW_OVERHEAD = 28
"""Bytes of a row beside its columns: line pointer 4, header 23 rounded up to 24 (manual, "Database Page Layout")."""

_SCANS = frozenset({"Seq Scan", "Index Scan", "Index Only Scan", "Bitmap Heap Scan"})


def inspect(context: PlanContext) -> Iterator[PlanHit]:
    """Every scan that ran once and read many times the bytes of the rows it looked at."""
    for node in context.plan.nodes:
        if node.kind not in _SCANS or not node.relation or not weighs(context, node):
            continue
        if node.loops > 1 and not node.properties.get("Parallel Aware"):
            continue  # repeated look-ups read an index from its root each time: that is not waste
        blocks = own(node, "Shared Hit Blocks") + own(node, "Shared Read Blocks")
        rows = examined(node)
        needed = rows * (node.number_of("Plan Width") + ROW_OVERHEAD)
        if blocks < LEAST_BLOCKS or blocks * BLOCK < FACTOR * needed:
            continue
        share = context.of(node).share
        yield PlanHit(
            message=f"{step(node)} reads {size(blocks * BLOCK)} to look at {counted(rows, 'row')}, which need about "
            f"{size(needed)}; it takes {percent(share)} of the time",
            result=f"{blocks:,.0f} blocks of {size(BLOCK)} for {rows:,.0f} rows of about "
            f"{node.number_of('Plan Width') + ROW_OVERHEAD:.0f} bytes",
            share=share,
            node=node.number,
            subject=node.relation,
            fix=Fix(summary=_advice(node.kind, blocks, rows)),
        )


def _advice(kind: str, blocks: float, rows: float) -> str:
    if kind == "Seq Scan":
        return (
            "If the table holds much free space after deletes or updates, rewrite it (pg_repack, or VACUUM FULL in a "
            "maintenance window); if its rows are wide and few columns are wanted, an index that covers them is read "
            "instead"
        )
    if blocks > 3 * rows:
        return "The index or table is full of dead entries: REINDEX CONCURRENTLY, then let autovacuum run more often"
    return (
        "The rows lie scattered over the table: CLUSTER it by this index once, or let an index cover the columns the "
        "query wants"
    )


RULE = PlanRule(
    id="read-efficiency",
    claim="A scan that reads many times the bytes of its rows wastes cache and disk.",
    family="plans",
    severity=Severity.MEDIUM,
    why=(
        "PostgreSQL reads whole blocks of 8 kB. Free space left by deleted rows, wide rows of which few columns are "
        "wanted, and rows scattered over the table all make it read blocks that hold little of what is asked."
    ),
    unless="The table is loaded again right after, or the query is rare.",
    failing=(
        "CREATE TABLE events (id int PRIMARY KEY, note text);\n"
        "INSERT INTO events SELECT i, repeat('x', 500) FROM generate_series(1, 60000) i;\n"
        "DELETE FROM events WHERE id % 100 <> 0;\n"
        "ANALYZE events;\n"
        "-- setup ends\n"
        "EXPLAIN (ANALYZE, BUFFERS, VERBOSE, FORMAT JSON) SELECT count(*) FROM events WHERE note <> '';"
    ),
    passing=(
        "CREATE TABLE events (id int PRIMARY KEY, note text);\n"
        "INSERT INTO events SELECT i, repeat('x', 500) FROM generate_series(1, 60000) i;\n"
        "ANALYZE events;\n"
        "-- setup ends\n"
        "EXPLAIN (ANALYZE, BUFFERS, VERBOSE, FORMAT JSON) SELECT count(*) FROM events WHERE note <> '';"
    ),
    sources=(
        "https://www.postgresql.org/docs/current/storage-page-layout.html",
        "https://www.postgresql.org/docs/current/routine-vacuuming.html",
        "https://www.pgmustard.com/docs/explain/read-efficiency",
    ),
    inspect=inspect,
)
