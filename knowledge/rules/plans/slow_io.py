"""Blocks that take long to arrive."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.plan.model import Node
from knowledge.plan.words import duration, percent, step
from knowledge.report import Fix, Severity
from knowledge.rules.plan_rule import PlanContext, PlanHit, PlanRule
from knowledge.rules.plans._effort import NOTABLE, TRIFLE_MS, own

SLOW_MS = 1.0
"""Milliseconds a block from which storage is called slow: a solid-state disk takes about 0.1, a spinning one 5."""

LEAST_BLOCKS = 100
"""Fetched blocks below which one slow read decides the average."""


def inspect(context: PlanContext) -> Iterator[PlanHit]:
    """Every node that waited over a millisecond for each block it fetched."""
    total = context.of(context.plan.root).inclusive_ms
    for node in context.plan.nodes:
        waited, blocks = _waited(node), _fetched(node)
        if waited < TRIFLE_MS or blocks < LEAST_BLOCKS or waited < SLOW_MS * blocks:
            continue
        share = min(1.0, waited / total) if total else 0.0
        if share < NOTABLE:
            continue
        yield PlanHit(
            message=f"{step(node)} waited {duration(waited / blocks)} for each of {blocks:,.0f} blocks: "
            f"{percent(share)} of the time is waiting for storage",
            result=f"I/O read time {duration(waited)} for {blocks:,.0f} blocks",
            share=share,
            node=node.number,
            subject=node.relation,
            fix=Fix(
                summary="Look at the storage first (throttled volume, exhausted burst credits, a busy neighbour): no "
                "index makes a block arrive sooner, it only makes the query ask for fewer"
            ),
        )


def _waited(node: Node) -> float:
    """Milliseconds spent reading; up to 16 one counter served shared and local blocks."""
    names = ("Shared I/O Read Time", "Local I/O Read Time", "I/O Read Time")
    return sum(own(node, name) for name in names)


def _fetched(node: Node) -> float:
    return own(node, "Shared Read Blocks") + own(node, "Local Read Blocks")


RULE = PlanRule(
    id="slow-io",
    claim="A block that takes over a millisecond to arrive points at the storage, not at the plan.",
    family="plans",
    severity=Severity.HIGH,
    why=(
        "With track_io_timing PostgreSQL measures each read. Solid-state storage answers in about 0.1 ms; an average "
        "above 1 ms means a spinning disk, a throttled cloud volume or a queue in front of it."
    ),
    unless="The storage is known to be slow and the query is rare.",
    failing=(
        '[{"Plan": {"Node Type": "Seq Scan", "Relation Name": "invoices", "Alias": "invoices", "Startup Cost": 0.0, '
        '"Total Cost": 9834.0, "Plan Rows": 480000, "Plan Width": 97, "Actual Startup Time": 3.1, '
        '"Actual Total Time": 14210.4, "Actual Rows": 480000, "Actual Loops": 1, "Shared Hit Blocks": 34, '
        '"Shared Read Blocks": 5000, "Shared I/O Read Time": 13650.2, "Shared I/O Write Time": 0.0}, '
        '"Planning Time": 0.2, "Execution Time": 14233.9}]'
    ),
    passing=(
        '[{"Plan": {"Node Type": "Seq Scan", "Relation Name": "invoices", "Alias": "invoices", "Startup Cost": 0.0, '
        '"Total Cost": 9834.0, "Plan Rows": 480000, "Plan Width": 97, "Actual Startup Time": 0.1, '
        '"Actual Total Time": 312.8, "Actual Rows": 480000, "Actual Loops": 1, "Shared Hit Blocks": 34, '
        '"Shared Read Blocks": 5000, "Shared I/O Read Time": 241.7, "Shared I/O Write Time": 0.0}, '
        '"Planning Time": 0.2, "Execution Time": 330.1}]'
    ),
    sources=(
        "https://www.postgresql.org/docs/current/runtime-config-statistics.html",
        "https://www.postgresql.org/docs/current/sql-explain.html",
    ),
    inspect=inspect,
)
