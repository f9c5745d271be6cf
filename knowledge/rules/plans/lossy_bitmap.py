"""Bitmaps that remember pages in place of rows."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.plan.words import amount
from knowledge.report import Severity
from knowledge.rules.plan_rule import PlanContext, PlanHit, PlanRule
from knowledge.rules.plans._scans import LARGE_SHARE, MANY_ROWS, discarded, matters, table, weight
from knowledge.rules.plans._spills import allowed, total, work_mem_fix

BYTES_A_PAGE = 64
"""Bytes of work_mem a page takes in an exact bitmap (tidbitmap.c)."""

LOSSY_PART = 0.25
"""Part of the pages that may be lossy."""


def inspect(context: PlanContext) -> Iterator[PlanHit]:
    """Every bitmap heap scan with many lossy pages beside exact ones.

    A bitmap without any exact page comes from a BRIN index, which knows nothing finer than pages.
    """
    for node in context.plan.nodes:
        lossy, exact = total(node, "Lossy Heap Blocks"), total(node, "Exact Heap Blocks")
        rechecked = discarded(node, "Rows Removed by Index Recheck")
        if (
            exact > 0
            and lossy >= LOSSY_PART * (lossy + exact)
            and rechecked >= max(MANY_ROWS, node.all_rows)
            and matters(context, node, LARGE_SHARE)
        ):
            yield PlanHit(
                message=(
                    f"The bitmap of {table(node)} does not fit in memory: {amount(lossy)} of "
                    f"{amount(lossy + exact)} pages "
                    f"were remembered as a whole, and {amount(rechecked)} rows were tested in vain"
                ),
                result=f"lossy heap blocks {amount(lossy)}, exact {amount(exact)}; rows removed by index recheck "
                f"{amount(rechecked)}{allowed(context)}; {weight(context, node)}",
                share=context.of(node).share,
                node=node.number,
                subject=table(node),
                fix=work_mem_fix((lossy + exact) * BYTES_A_PAGE / 1024),
            )


RULE = PlanRule(
    id="lossy-bitmap",
    claim="A bitmap larger than work_mem forgets rows and keeps pages, whose every row is then tested again.",
    family="plans",
    severity=Severity.LOW,
    why=(
        "Beyond work_mem a bitmap scan notes only that a page holds a match. It is reported when a quarter of the "
        "pages "
        "or more are lossy, at least 10,000 rows and as many as were kept were tested in vain, and the scan takes 30 % "
        "of the query or more."
    ),
    unless="The index is a BRIN one: its bitmaps are lossy by design (and not reported).",
    failing=(
        "CREATE TABLE events (id int, kind int, payload text);\n"
        "INSERT INTO events SELECT g, g % 30, repeat('p', 200) FROM generate_series(1, 80000) g;\n"
        "CREATE INDEX events_kind_idx ON events (kind);\n"
        "ANALYZE events;\n"
        "SET work_mem = '64kB';\n"
        "SET enable_seqscan = off;\n"
        "SET enable_indexscan = off;\n"
        "-- setup ends\n"
        "EXPLAIN (ANALYZE, BUFFERS) SELECT * FROM events WHERE kind = 3;"
    ),
    passing=(
        "CREATE TABLE events (id int, kind int, payload text);\n"
        "INSERT INTO events SELECT g, g % 30, repeat('p', 200) FROM generate_series(1, 80000) g;\n"
        "CREATE INDEX events_kind_idx ON events (kind);\n"
        "ANALYZE events;\n"
        "SET work_mem = '4MB';\n"
        "-- setup ends\n"
        "EXPLAIN (ANALYZE, BUFFERS) SELECT * FROM events WHERE kind = 3;"
    ),
    sources=(
        "https://www.postgresql.org/docs/current/using-explain.html",
        "https://pganalyze.com/docs/explain/insights/lossy-bitmaps",
    ),
    inspect=inspect,
)
