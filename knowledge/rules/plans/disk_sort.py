"""Sorts that do not fit in memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from knowledge.plan.model import Node
from knowledge.plan.words import amount, shortened, size
from knowledge.report import Severity
from knowledge.rules.plan_rule import PlanContext, PlanHit, PlanRule
from knowledge.rules.plans._scans import matters, weight
from knowledge.rules.plans._spills import LEAST_KB, LEAST_SHARE, allowed, parts, work_mem_fix

BYTES_A_ROW = 80
"""Bytes a row takes in memory beyond what it takes on disk: header, alignment, and two slots of the array of
pointers, which grows by doubling (the server's tuplesort.c)."""


def inspect(context: PlanContext) -> Iterator[PlanHit]:
    """Every sort that wrote to disk."""
    for node in context.plan.nodes:
        used = max(_on_disk(node), default=0.0)
        if used < LEAST_KB or not matters(context, node, LEAST_SHARE):
            continue
        keys = shortened(node.text("Sort Key"))
        yield PlanHit(
            message=f"Sorting {amount(node.all_rows)} rows by {keys} does not fit in memory: {size(used * 1024)} "
            f"went to disk",
            result=f"{_method(node)}, {size(used * 1024)} on disk{allowed(context)}; {weight(context, node)}",
            share=context.of(node).share,
            node=node.number,
            subject="work_mem",
            fix=work_mem_fix(
                used + node.actual_rows * BYTES_A_ROW / 1024,
                "have the rows come in this order from an index, or sort fewer columns",
            ),
        )


def _on_disk(node: Node) -> Iterator[float]:
    """Kilobytes on disk of the sort and of each of its workers."""
    for part in parts(node):
        if part.get("Sort Space Type") == "Disk":
            yield float(part.get("Sort Space Used") or 0)
        for groups in ("Full-sort Groups", "Pre-sorted Groups"):
            disk = _mapping(_mapping(part.get(groups)).get("Sort Space Disk"))
            yield float(disk.get("Peak Sort Space Used") or 0)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _method(node: Node) -> str:
    return f"Sort Method: {node.text('Sort Method')}" if node.text("Sort Method") else node.kind


RULE = PlanRule(
    id="disk-sort",
    claim="A sort larger than work_mem is written to disk in pieces and merged.",
    family="plans",
    severity=Severity.MEDIUM,
    why=(
        "Merging from disk reads and writes every row at least once more. It is reported when the sort takes a "
        "tenth of "
        "the query or more and wrote at least 1 MB. The memory that would hold it is computed from what it wrote."
    ),
    unless="The query runs rarely and memory is better spent on others.",
    failing=(
        "CREATE TABLE visits (id int, path text);\n"
        "INSERT INTO visits SELECT g, md5(g::text) FROM generate_series(1, 60000) g;\n"
        "ANALYZE visits;\n"
        "SET work_mem = '1MB';\n"
        "-- setup ends\n"
        "EXPLAIN (ANALYZE, BUFFERS) SELECT * FROM visits ORDER BY path;"
    ),
    passing=(
        "CREATE TABLE visits (id int, path text);\n"
        "INSERT INTO visits SELECT g, md5(g::text) FROM generate_series(1, 60000) g;\n"
        "ANALYZE visits;\n"
        "SET work_mem = '1MB';\n"
        "-- setup ends\n"
        "EXPLAIN (ANALYZE, BUFFERS) SELECT * FROM visits ORDER BY path LIMIT 100;"
    ),
    sources=(
        "https://www.postgresql.org/docs/current/runtime-config-resource.html#GUC-WORK-MEM",
        "https://pganalyze.com/docs/explain/insights/disk-sort",
    ),
    inspect=inspect,
)
