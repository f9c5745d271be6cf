"""Hash joins whose table does not fit in memory."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.plan.model import Node
from knowledge.plan.words import amount, size
from knowledge.report import Severity
from knowledge.rules.plan_rule import PlanContext, PlanHit, PlanRule
from knowledge.rules.plans._scans import capped
from knowledge.rules.plans._spills import LEAST_KB, LEAST_SHARE, allowed, hash_memory, work_mem_fix

BYTES_A_ROW = 72
"""Bytes a row takes in a hash table beyond its columns: headers, alignment and its bucket (nodeHash.c)."""


def inspect(context: PlanContext) -> Iterator[PlanHit]:
    """Every hash table that was split into batches."""
    for node in context.plan.nodes:
        batches = node.number_of("Hash Batches")
        if node.kind != "Hash" or batches <= 1:
            continue
        join = context.plan.parents.get(node.number, node)
        share = context.of(node).share + context.of(join).share
        needed = _kilobytes(node, batches)
        spilled = needed * (batches - 1) / batches
        if share < LEAST_SHARE or spilled < LEAST_KB:
            continue
        planned = node.number_of("Original Hash Batches", batches)
        more = f", {amount(planned)} planned: there were more rows than estimated" if planned < batches else ""
        yield PlanHit(
            message=f"The hash table of {amount(node.actual_rows)} rows does not fit in memory: it was split into "
            f"{amount(batches)} batches{more}",
            result=f"Hash Batches {amount(batches)} (planned {amount(planned)}), peak memory "
            f"{size(node.number_of('Peak Memory Usage') * 1024)}{allowed(context)}; about {size(needed * 1024)} needed",
            share=capped(share),
            node=node.number,
            subject="work_mem",
            fix=work_mem_fix(needed / hash_memory(context), "raise hash_mem_multiplier, or join fewer rows or columns"),
        )


def _kilobytes(node: Node, batches: float) -> float:
    """Memory that would hold the whole table, by its rows and by the largest of its batches."""
    rows = max(node.actual_rows, node.estimated_rows)
    by_rows = rows * (node.number_of("Plan Width") + BYTES_A_ROW) / 1024
    return max(by_rows, node.number_of("Peak Memory Usage") * batches)


RULE = PlanRule(
    id="hash-batches",
    claim="A hash join larger than work_mem times hash_mem_multiplier writes both of its sides to disk.",
    family="plans",
    severity=Severity.MEDIUM,
    why=(
        "With more than one batch, the rows of all batches but the first are written to temporary files on both sides "
        "and read again. More batches than planned mean that the estimate of rows was too low. It is reported when "
        "join and hash take a tenth of the query or more and at least 1 MB does not fit."
    ),
    unless="The query runs rarely and memory is better spent on others.",
    failing=(
        "CREATE TABLE item (id int, name text);\n"
        "CREATE TABLE line (item_id int, quantity int);\n"
        "INSERT INTO item SELECT g, md5(g::text) FROM generate_series(1, 40000) g;\n"
        "INSERT INTO line SELECT g, g FROM generate_series(1, 60000) g;\n"
        "ANALYZE item, line;\n"
        "SET work_mem = '256kB';\n"
        "SET enable_mergejoin = off;\n"
        "-- setup ends\n"
        "EXPLAIN (ANALYZE, BUFFERS) SELECT name, quantity FROM line JOIN item ON item.id = item_id;"
    ),
    passing=(
        "CREATE TABLE item (id int, name text);\n"
        "CREATE TABLE line (item_id int, quantity int);\n"
        "INSERT INTO item SELECT g, md5(g::text) FROM generate_series(1, 40000) g;\n"
        "INSERT INTO line SELECT g, g FROM generate_series(1, 60000) g;\n"
        "ANALYZE item, line;\n"
        "SET work_mem = '8MB';\n"
        "-- setup ends\n"
        "EXPLAIN (ANALYZE, BUFFERS) SELECT name, quantity FROM line JOIN item ON item.id = item_id;"
    ),
    sources=(
        "https://www.postgresql.org/docs/current/runtime-config-resource.html#GUC-HASH-MEM-MULTIPLIER",
        "https://pganalyze.com/docs/explain/insights/hash-batches",
    ),
    inspect=inspect,
)
