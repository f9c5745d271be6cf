"""Hash aggregates that do not fit in memory."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.plan.model import Node
from knowledge.plan.words import amount, shortened, size
from knowledge.report import Severity
from knowledge.rules.plan_rule import PlanContext, PlanHit, PlanRule
from knowledge.rules.plans._scans import discarded, matters, weight
from knowledge.rules.plans._spills import LEAST_KB, LEAST_SHARE, allowed, hash_memory, largest, work_mem_fix

BYTES_A_GROUP = 300
"""Bytes a group takes beyond its columns: entry, key and the states of a few aggregates (nodeAgg.c)."""


def inspect(context: PlanContext) -> Iterator[PlanHit]:
    """Every hash aggregate that wrote to disk, or is planned to."""
    for node in context.plan.nodes:
        if node.kind != "Aggregate" or not matters(context, node, LEAST_SHARE):
            continue
        keys = shortened(node.text("Group Key"))
        if not node.is_measured:
            yield from _planned(context, node, keys)
            continue
        used = largest(node, "Disk Usage")
        if used < LEAST_KB:
            continue
        groups = node.actual_rows + discarded(node) / max(1.0, node.loops)
        needed = max(groups, node.estimated_rows) * (node.number_of("Plan Width") + BYTES_A_GROUP) / 1024
        yield PlanHit(
            message=f"{amount(groups)} groups by {keys} do not fit in memory: {size(used * 1024)} went to disk",
            result=(
                f"Disk Usage {size(used * 1024)}, HashAgg Batches {amount(largest(node, 'HashAgg Batches'))}, peak "
                f"memory "
                f"{size(largest(node, 'Peak Memory Usage') * 1024)}{allowed(context)}; {weight(context, node)}"
            ),
            share=context.of(node).share,
            node=node.number,
            subject="work_mem",
            fix=work_mem_fix(
                needed / hash_memory(context), "raise hash_mem_multiplier, or group fewer rows or columns"
            ),
        )


def _planned(context: PlanContext, node: Node, keys: str) -> Iterator[PlanHit]:
    partitions = node.number_of("Planned Partitions")
    if partitions > 0:
        needed = node.estimated_rows * (node.number_of("Plan Width") + BYTES_A_GROUP) / 1024
        yield PlanHit(
            message=f"An estimated {amount(node.estimated_rows)} groups by {keys} will not fit in memory",
            result=f"Planned Partitions {amount(partitions)}{allowed(context)}; {weight(context, node)}",
            share=context.of(node).share,
            node=node.number,
            subject="work_mem",
            severity=Severity.LOW,
            fix=work_mem_fix(needed / hash_memory(context), "group fewer rows or columns"),
        )


RULE = PlanRule(
    id="hash-aggregate-spill",
    claim="A hash aggregate with more groups than fit in work_mem times hash_mem_multiplier works on disk.",
    family="plans",
    severity=Severity.MEDIUM,
    why=(
        "Rows of groups that do not fit are written to temporary files and aggregated in later passes. It is reported "
        "when the aggregate takes a tenth of the query or more and wrote at least 1 MB; of an estimated plan, when "
        "partitions on disk are planned."
    ),
    unless="The query runs rarely and memory is better spent on others.",
    failing=(
        "CREATE TABLE visits (visitor text, seconds int);\n"
        "INSERT INTO visits SELECT md5((g % 40000)::text), g FROM generate_series(1, 80000) g;\n"
        "ANALYZE visits;\n"
        "SET work_mem = '256kB';\n"
        "SET enable_sort = off;\n"
        "-- setup ends\n"
        "EXPLAIN (ANALYZE, BUFFERS) SELECT visitor, sum(seconds) FROM visits GROUP BY visitor;"
    ),
    passing=(
        "CREATE TABLE visits (visitor text, seconds int);\n"
        "INSERT INTO visits SELECT md5((g % 40000)::text), g FROM generate_series(1, 80000) g;\n"
        "ANALYZE visits;\n"
        "SET work_mem = '32MB';\n"
        "-- setup ends\n"
        "EXPLAIN (ANALYZE, BUFFERS) SELECT visitor, sum(seconds) FROM visits GROUP BY visitor;"
    ),
    sources=(
        "https://www.postgresql.org/docs/current/runtime-config-resource.html#GUC-HASH-MEM-MULTIPLIER",
        "https://www.postgresql.org/docs/current/using-explain.html",
    ),
    inspect=inspect,
)
