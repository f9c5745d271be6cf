"""Writes whose log consists mostly of whole blocks."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.plan.words import BLOCK, counted, percent, size
from knowledge.report import Fix, Severity
from knowledge.rules.plan_rule import PlanContext, PlanHit, PlanRule

LEAST_PART = 0.5
"""Part of the WAL that is images of blocks from which it is worth a word."""

LEAST_IMAGES = 200
"""Images below which it is not."""


def inspect(context: PlanContext) -> Iterator[PlanHit]:
    """A statement at least half of whose WAL is images of whole blocks."""
    root = context.plan.root
    images, written = root.number_of("WAL FPI"), root.number_of("WAL Bytes")
    if images < LEAST_IMAGES or not written or images * BLOCK < LEAST_PART * written:
        return
    part = min(1.0, images * BLOCK / written)
    writers = [node for node in context.plan.nodes if node.kind == "ModifyTable"]
    share = context.of(writers[0]).share if writers else context.of(root).share
    yield PlanHit(
        message=f"The statement wrote {size(written)} of WAL, and {counted(images, 'image')} of whole blocks account "
        f"for about {percent(part)}: a checkpoint came shortly before",
        result=f"{root.number_of('WAL Records'):,.0f} records, {images:,.0f} full page images, {written:,.0f} bytes",
        share=share * part,
        node=(writers[0] if writers else root).number,
        subject=writers[0].relation if writers else "",
        fix=Fix(
            summary="Let checkpoints be further apart (max_wal_size, checkpoint_timeout) and compress images "
            "(wal_compression = lz4); write rows in the order of their blocks where that is possible"
        ),
    )


_PLAN = (
    '[{{"Plan": {{"Node Type": "ModifyTable", "Operation": "Update", "Relation Name": "stock", "Alias": "stock", '
    '"Startup Cost": 0.0, "Total Cost": 2209.0, "Plan Rows": 0, "Plan Width": 0, "Actual Startup Time": 310.2, '
    '"Actual Total Time": 310.2, "Actual Rows": 0, "Actual Loops": 1, "WAL Records": 41210, "WAL FPI": {images}, '
    '"WAL Bytes": {written}, "Plans": [{{"Node Type": "Seq Scan", "Parent Relationship": "Outer", "Relation Name": '
    '"stock", "Alias": "stock", "Startup Cost": 0.0, "Total Cost": 2209.0, "Plan Rows": 20000, "Plan Width": 10, '
    '"Actual Startup Time": 0.1, "Actual Total Time": 21.8, "Actual Rows": 20000, "Actual Loops": 1, "WAL Records": 0, '
    '"WAL FPI": 0, "WAL Bytes": 0}}]}}, "Planning Time": 0.1, "Execution Time": 310.4}}]'
)

RULE = PlanRule(
    id="full-page-images",
    claim="The first change of a block after a checkpoint writes the whole block into the log.",
    family="plans",
    severity=Severity.LOW,
    why=(
        "Full page images guard against torn blocks. Where checkpoints follow closely, or rows are changed all over a "
        "large table, they make the WAL many times larger than the changes."
    ),
    unless="The statement runs seldom and happened to follow a checkpoint.",
    failing=_PLAN.format(images=2240, written=21_400_128),
    passing=_PLAN.format(images=4, written=3_400_128),
    sources=(
        "https://www.postgresql.org/docs/current/wal-configuration.html",
        "https://www.postgresql.org/docs/current/runtime-config-wal.html",
    ),
    inspect=inspect,
)
