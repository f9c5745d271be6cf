"""Joins that try far more pairs than they keep."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.plan.model import Node
from knowledge.plan.words import amount, percent, shortened
from knowledge.report import Fix, Severity
from knowledge.rules.plan_rule import PlanContext, PlanHit, PlanRule
from knowledge.rules.plans._joins import JOINS, has_readable_equality, inner_of, late_or, removes_most
from knowledge.rules.plans._scans import LARGE_SHARE, NOTICEABLE_MS, capped, discarded, table

PAIRS = 100_000
"""Pairs tried in vain below which nothing is to be gained."""


def inspect(context: PlanContext) -> Iterator[PlanHit]:
    """Every join whose filter removes most pairs, but for those of rules of their own.

    These are: an OR that names both sides, and a sequential scan that runs anew for each row.
    """
    for node in context.plan.nodes:
        condition, removed = node.text("Join Filter"), discarded(node, "Rows Removed by Join Filter")
        if node.kind not in JOINS or not condition or not removes_most(removed, node, PAIRS) or late_or(node)[0]:
            continue
        inner = inner_of(node)
        if inner is None or (inner.kind == "Seq Scan" and inner.loops > 1):
            continue
        share = context.of(node).share + (context.of(inner).share if inner.kind == "Materialize" else 0.0)
        slow = not context.plan.is_timed or share * context.of(context.plan.root).inclusive_ms >= NOTICEABLE_MS
        if share >= LARGE_SHARE and slow:
            yield PlanHit(
                message=f"A {node.kind} tries {amount(removed + node.all_rows)} pairs of rows to keep "
                f"{amount(node.all_rows)}",
                result=f"rows removed by the join filter {amount(removed)}, kept {amount(node.all_rows)}; "
                f"{percent(share)} of the query's {'time' if context.plan.is_timed else 'cost'}; "
                f"Join Filter: {shortened(condition, 120)}",
                share=capped(share),
                node=node.number,
                subject=_inner_table(inner),
                fix=Fix(summary=_advice(condition)),
            )


def _inner_table(inner: Node) -> str:
    return next((table(node) for node in inner.walk() if table(node)), "")


def _advice(condition: str) -> str:
    if has_readable_equality(condition):
        return (
            "Let the equality be hashed (is a join method switched off?) or give the inner table an index on its column"
        )
    return (
        "Add an equality to the join condition (a day, a bucket, a prefix), so that it can be hashed, or give the "
        "inner "
        "table an index that serves the comparison (GiST for ranges)"
    )


RULE = PlanRule(
    id="join-filter",
    claim="A join whose filter removes most pairs has tried nearly every row of one side with every row of the other.",
    family="plans",
    severity=Severity.HIGH,
    why=(
        "What is not an equality cannot be hashed or merged, so every pair is tried. It is reported when at least "
        "100,000 pairs, and ten for each one kept, were tried in vain, and the join takes 30 % of the query or more."
    ),
    unless="The comparison cannot be narrowed by any equality, and one side is small.",
    failing=(
        "CREATE TABLE tariff (id int, low int, high int);\n"
        "CREATE TABLE reading (id int, value int);\n"
        "INSERT INTO tariff SELECT g, g * 10, g * 10 + 9 FROM generate_series(1, 200) g;\n"
        "INSERT INTO reading SELECT g, 10 + g % 2000 FROM generate_series(1, 5000) g;\n"
        "ANALYZE tariff, reading;\n"
        "-- setup ends\n"
        "EXPLAIN (ANALYZE, BUFFERS) SELECT r.id, t.id FROM reading r JOIN tariff t ON r.value BETWEEN t.low AND t.high;"
    ),
    passing=(
        "CREATE TABLE tariff (id int, low int, high int, tens int);\n"
        "CREATE TABLE reading (id int, value int);\n"
        "INSERT INTO tariff SELECT g, g * 10, g * 10 + 9, g FROM generate_series(1, 200) g;\n"
        "INSERT INTO reading SELECT g, 10 + g % 2000 FROM generate_series(1, 5000) g;\n"
        "ANALYZE tariff, reading;\n"
        "-- setup ends\n"
        "EXPLAIN (ANALYZE, BUFFERS) SELECT r.id, t.id FROM reading r JOIN tariff t\n"
        "ON t.tens = r.value / 10 AND r.value BETWEEN t.low AND t.high;"
    ),
    sources=(
        "https://www.postgresql.org/docs/current/using-explain.html",
        "https://www.postgresql.org/docs/current/planner-optimizer.html",
    ),
    inspect=inspect,
)
