"""Results kept for reuse that are read over and over, or thrown out before they are reused."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.plan.model import Node
from knowledge.plan.words import amount, counted, percent, size
from knowledge.report import Fix, Severity
from knowledge.rules.plan_rule import PlanContext, PlanHit, PlanRule
from knowledge.rules.plans._effort import NOTABLE, TRIFLE_MS, total_share

LEAST_LOOPS = 100
"""Passes over a kept result from which they are many."""

LEAST_ROWS = 500_000
"""Rows read back over all passes from which it matters: some 50 ms of comparing."""

EVICTED = 0.1
"""Part of the cached results thrown out for want of memory from which Memoize is too small."""


def inspect(context: PlanContext) -> Iterator[PlanHit]:
    """Every Materialize read many times over and every Memoize that forgets what it should keep."""
    for node in context.plan.nodes:
        if node.kind == "Materialize":
            yield from _materialized(context, node)
        elif node.kind == "Memoize":
            yield from _memoized(context, node)


def _materialized(context: PlanContext, node: Node) -> Iterator[PlanHit]:
    parent = context.plan.parents.get(node.number)
    share = total_share(context, node, *([parent] if parent else []))
    if node.loops < LEAST_LOOPS or node.all_rows < LEAST_ROWS or share < NOTABLE:
        return
    kept = node.all_rows / node.loops
    where = f" ({node.text('Storage').lower()})" if node.text("Storage") else ""
    yield PlanHit(
        message=f"A result of {counted(kept, 'row')} is kept and read {counted(node.loops, 'time')}: "
        f"{counted(node.all_rows, 'row')} pass through {parent.kind if parent else 'the query'}, "
        f"{percent(share)} of the {'time' if context.plan.is_timed else 'cost'}",
        result=f"Materialize{where}: {amount(node.loops)} loops of {amount(kept)} rows",
        share=share,
        node=node.number,
        subject=node.alias,
        fix=Fix(
            summary="Join by equality so that a hash or merge join meets each row once; where the condition is a range "
            "or OR, an index on the inner side finds the matching rows instead of comparing all"
        ),
    )


def _memoized(context: PlanContext, node: Node) -> Iterator[PlanHit]:
    evicted, overflown = node.number_of("Cache Evictions"), node.number_of("Cache Overflows")
    hits, misses = node.number_of("Cache Hits"), node.number_of("Cache Misses")
    share = total_share(context, *node.walk())
    timed = context.plan.is_timed
    if share < NOTABLE or (timed and context.of(node).inclusive_ms < TRIFLE_MS) or misses < LEAST_LOOPS:
        return
    if evicted + overflown < EVICTED * misses:
        return
    yield PlanHit(
        message=f"Memoize threw out {counted(evicted, 'result')} for want of memory"
        + (f" and could not keep {amount(overflown)}" if overflown else "")
        + f": only {percent(hits / (hits + misses))} of {amount(hits + misses)} look-ups were spared",
        result=f"{amount(hits)} hits, {amount(misses)} misses, {amount(evicted)} evictions, {amount(overflown)} "
        f"overflows, {size(1024 * node.number_of('Peak Memory Usage'))} used",
        share=share,
        node=node.number,
        subject="work_mem",
        fix=Fix(
            summary="Memoize may use work_mem x hash_mem_multiplier: raise either for this query, or index the inner "
            "side so that each look-up is cheap without being remembered"
        ),
    )


RULE = PlanRule(
    id="repeated-materialize",
    claim="A kept result that is read hundreds of times, or forgotten before its reuse, is work done over and over.",
    family="plans",
    severity=Severity.MEDIUM,
    why=(
        "Materialize keeps the inner side of a nested loop and reads it again for every outer row: the rows multiply. "
        "Memoize remembers look-ups in limited memory; when that is full it evicts what it will be asked for again."
    ),
    unless="Every pair of rows has to be compared, whatever the plan.",
    failing=(
        "CREATE TABLE spans (id int, low int, high int);\n"
        "CREATE TABLE points (id int, at int);\n"
        "INSERT INTO spans SELECT i, i * 10, i * 10 + 5 FROM generate_series(1, 1000) i;\n"
        "INSERT INTO points SELECT i, i * 7 FROM generate_series(1, 1500) i;\n"
        "ANALYZE spans, points;\n"
        "-- setup ends\n"
        "EXPLAIN (ANALYZE, FORMAT JSON) SELECT count(*) FROM spans JOIN points ON at BETWEEN low AND high;"
    ),
    passing=(
        "CREATE TABLE spans (id int, low int, high int);\n"
        "CREATE TABLE points (id int, at int);\n"
        "INSERT INTO spans SELECT i, i * 10, i * 10 + 5 FROM generate_series(1, 50) i;\n"
        "INSERT INTO points SELECT i, i * 7 FROM generate_series(1, 1500) i;\n"
        "ANALYZE spans, points;\n"
        "-- setup ends\n"
        "EXPLAIN (ANALYZE, FORMAT JSON) SELECT count(*) FROM spans JOIN points ON at BETWEEN low AND high;"
    ),
    sources=(
        "https://www.postgresql.org/docs/current/using-explain.html",
        "https://www.postgresql.org/docs/current/runtime-config-query.html",
    ),
    inspect=inspect,
)
