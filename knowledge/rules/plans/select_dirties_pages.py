"""Reads that change blocks."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.identifiers import qualified
from knowledge.plan.model import Node
from knowledge.plan.words import BLOCK, counted, percent, size, step
from knowledge.report import Fix, Severity, Step
from knowledge.rules.plan_rule import PlanContext, PlanHit, PlanRule
from knowledge.rules.plans._effort import own, weighs

LEAST_BLOCKS = 100
"""Changed blocks below which it does not matter."""

LEAST_PART = 0.1
"""Part of a scan's blocks that it changed from which it is worth a word."""

_WRITERS = frozenset({"ModifyTable", "LockRows"})


def inspect(context: PlanContext) -> Iterator[PlanHit]:
    """Every scan of a plan that writes nothing, in which many blocks were changed."""
    if any(node.kind in _WRITERS for node in context.plan.nodes):
        return
    for node in context.plan.nodes:
        dirtied = own(node, "Shared Dirtied Blocks")
        touched = own(node, "Shared Hit Blocks") + own(node, "Shared Read Blocks")
        if not node.relation or dirtied < LEAST_BLOCKS or dirtied < LEAST_PART * touched or not weighs(context, node):
            continue
        part = min(1.0, dirtied / touched) if touched else 1.0
        yield PlanHit(
            message=f"{step(node)} only reads, yet changed {counted(dirtied, 'block')} ({size(dirtied * BLOCK)}): it "
            "was the first to meet rows written before and noted that they are committed",
            result=f"{dirtied:,.0f} of {touched:,.0f} blocks dirtied ({percent(part)})",
            share=context.of(node).share * part,
            node=node.number,
            subject=node.relation,
            fix=Fix(
                summary="Vacuum after bulk loads and deletes, so that the first reader does not pay for them",
                steps=[Step(sql=f"VACUUM (ANALYZE) {_named(node)};", alone=True)],
            ),
        )


def _named(node: Node) -> str:
    return qualified(node.text("Schema"), node.text("Relation Name"))


_TABLE = "CREATE TABLE loads AS SELECT i AS id, repeat('x', 1800) AS note FROM generate_series(1, 16000) i;\n"

RULE = PlanRule(
    id="select-dirties-pages",
    claim="The first read after a load writes: it marks rows as committed and clears away dead ones.",
    family="plans",
    severity=Severity.LOW,
    why=(
        "PostgreSQL sets hint bits and prunes dead row versions when rows are first met. A SELECT then dirties blocks "
        "that must be written later, and with checksums writes WAL as well."
    ),
    unless="It was the first run after a load; the second will not do it.",
    failing=_TABLE + "-- setup ends\nEXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT count(*) FROM loads;",
    passing=(
        _TABLE + "-- setup ends\n"
        "SELECT count(*) FROM loads;\n"
        "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT count(*) FROM loads;"
    ),
    sources=(
        "https://www.postgresql.org/docs/current/sql-vacuum.html",
        "https://www.postgresql.org/docs/current/storage-hot.html",
    ),
    inspect=inspect,
)
