"""Queries whose blocks were mostly not in PostgreSQL's cache."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.plan.words import BLOCK, percent, size, step
from knowledge.report import Fix, Severity
from knowledge.rules.plan_rule import PlanContext, PlanHit, PlanRule
from knowledge.rules.plans._effort import NOTABLE, own, weighs

MISSED = 0.5
"""Part of the blocks that had to be fetched, from which on a scan is called cold."""

LEAST_BLOCKS = 1_000
"""Fetched blocks (8 MB) below which the cache does not matter."""


def inspect(context: PlanContext) -> Iterator[PlanHit]:
    """Every node that fetched most of its own blocks from outside shared_buffers."""
    for node in context.plan.nodes:
        read, hit = own(node, "Shared Read Blocks"), own(node, "Shared Hit Blocks")
        if read < LEAST_BLOCKS or read < MISSED * (read + hit) or not weighs(context, node):
            continue
        missed = read / (read + hit)
        share = context.of(node).share * missed
        if share < NOTABLE:
            continue
        yield PlanHit(
            message=f"{step(node)} found {percent(1 - missed)} of its blocks in the cache and fetched the other "
            f"{size(read * BLOCK)}",
            result=f"{read:,.0f} blocks read, {hit:,.0f} hit; {percent(context.of(node).share)} of the time",
            share=share,
            node=node.number,
            subject=node.relation,
            fix=Fix(
                summary="Run it a second time: if the blocks are then hits, only the first run was cold. If they are "
                "not, the working set is larger than shared_buffers: read less (a narrower condition, an index that "
                "covers the query) or give the server more memory"
            ),
        )


RULE = PlanRule(
    id="cold-cache",
    claim="A query that fetches most of its blocks from outside shared_buffers waits for the disk or the kernel.",
    family="plans",
    severity=Severity.MEDIUM,
    why=(
        "A block in shared_buffers costs a look-up, any other a copy from the kernel's cache or a read of the disk, "
        "which takes a thousand times as long. The same plan is quick or slow by what was read before."
    ),
    unless="It was the first run after a restart or a load, or a report that reads a table no other query does.",
    failing=(
        "CREATE TABLE readings (id int PRIMARY KEY, note text);\n"
        "INSERT INTO readings SELECT i, repeat('x', 900) FROM generate_series(1, 20000) i;\n"
        "CLUSTER readings USING readings_pkey;\n"
        "-- setup ends\n"
        "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT count(*) FROM readings WHERE note <> '';"
    ),
    passing=(
        "CREATE TABLE readings (id int PRIMARY KEY, note text);\n"
        "INSERT INTO readings SELECT i, repeat('x', 900) FROM generate_series(1, 20000) i;\n"
        "-- setup ends\n"
        "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT count(*) FROM readings WHERE note <> '';"
    ),
    sources=(
        "https://www.postgresql.org/docs/current/using-explain.html",
        "https://www.postgresql.org/docs/current/runtime-config-resource.html",
        "https://www.pgmustard.com/docs/explain/cache-performance",
    ),
    inspect=inspect,
)
