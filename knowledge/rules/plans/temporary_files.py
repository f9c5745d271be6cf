"""Temporary files written by other steps than the sorts, hashes and hash aggregates."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.plan.model import Node
from knowledge.plan.words import BLOCK, amount, size, step
from knowledge.report import Severity
from knowledge.rules.plan_rule import PlanContext, PlanHit, PlanRule
from knowledge.rules.plans._scans import matters, weight
from knowledge.rules.plans._spills import LEAST_KB, LEAST_SHARE, allowed, work_mem_fix

BYTES_A_ROW = 40
"""Bytes a kept row takes in memory beyond what it takes on disk (tuplestore.c)."""

_TOLD_ELSEWHERE = ("Sort", "Incremental Sort", "Hash", "Hash Join")


def inspect(context: PlanContext) -> Iterator[PlanHit]:
    """Every other step that itself read or wrote temporary blocks."""
    for node in context.plan.nodes:
        written, read = (_own(context, node, f"Temp {way} Blocks") for way in ("Written", "Read"))
        kilobytes = (written or read) * BLOCK / 1024
        if (
            node.kind in _TOLD_ELSEWHERE
            or "Disk Usage" in node.properties
            or kilobytes < LEAST_KB
            or not matters(context, node, LEAST_SHARE)
        ):
            continue
        rows = max([node.actual_rows, *(child.actual_rows for child in node.children)])
        yield PlanHit(
            message=f"{step(node)} keeps its rows in temporary files: {size(kilobytes * 1024)} on disk",
            result=f"temporary blocks written {amount(written)}, read {amount(read)}{allowed(context)}; "
            f"{weight(context, node)}",
            share=context.of(node).share,
            node=node.number,
            subject="work_mem",
            fix=work_mem_fix(kilobytes + rows * BYTES_A_ROW / 1024, "keep fewer rows or columns"),
        )


def _own(context: PlanContext, node: Node, name: str) -> float:
    """A count of blocks without that of the steps it runs; a CTE Scan runs the plan of its CTE."""
    below = [*node.children]
    if node.kind == "CTE Scan":
        subplan = f"CTE {node.text('CTE Name')}"
        below += [each for each in context.plan.nodes if each.text("Subplan Name") == subplan]
    return node.number_of(name) - sum(child.number_of(name) for child in below)


RULE = PlanRule(
    id="temporary-files",
    claim="Rows that a step has to keep and that exceed work_mem go through temporary files.",
    family="plans",
    severity=Severity.MEDIUM,
    why=(
        "CTEs read more than once, materialised inner sides, window frames, functions in FROM and aggregates with "
        "DISTINCT or ORDER BY keep rows in memory up to work_mem and on disk beyond. It is reported when such a step "
        "takes a tenth of the query or more and reads or writes at least 1 MB of temporary blocks (EXPLAIN BUFFERS)."
    ),
    unless="The query runs rarely and memory is better spent on others.",
    failing=(
        "CREATE TABLE visits (id int, path text);\n"
        "INSERT INTO visits SELECT g, md5(g::text) FROM generate_series(1, 60000) g;\n"
        "ANALYZE visits;\n"
        "SET work_mem = '256kB';\n"
        "-- setup ends\n"
        "EXPLAIN (ANALYZE, BUFFERS) WITH kept AS MATERIALIZED (SELECT * FROM visits) SELECT count(*) FROM kept;"
    ),
    passing=(
        "CREATE TABLE visits (id int, path text);\n"
        "INSERT INTO visits SELECT g, md5(g::text) FROM generate_series(1, 60000) g;\n"
        "ANALYZE visits;\n"
        "SET work_mem = '256kB';\n"
        "-- setup ends\n"
        "EXPLAIN (ANALYZE, BUFFERS) WITH kept AS (SELECT * FROM visits) SELECT count(*) FROM kept;"
    ),
    sources=(
        "https://www.postgresql.org/docs/current/runtime-config-resource.html#GUC-WORK-MEM",
        "https://www.postgresql.org/docs/current/sql-explain.html",
    ),
    inspect=inspect,
)
