"""Common table expressions that are computed whole and then mostly thrown away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from knowledge.plan.model import Node
from knowledge.plan.words import counted, percent, shortened, unit
from knowledge.report import Fix, Severity
from knowledge.rules.plan_rule import PlanContext, PlanHit, PlanRule
from knowledge.rules.plans._effort import NOTABLE, TRIFLE_COST, TRIFLE_MS, total_share

FACTOR = 10
"""Rows computed for each one kept from which the barrier costs something."""

LEAST_ROWS = 1_000
"""Computed rows below which it does not matter."""

_FENCES = frozenset({"ModifyTable", "Recursive Union", "Limit", "WindowAgg", "LockRows", "Unique"})
"""Tops of a CTE that a condition cannot pass, or that must run whole: folding it in would not help."""


def inspect(context: PlanContext) -> Iterator[PlanHit]:
    """Every filtered scan of a CTE that is used once and whose condition could have gone inside."""
    scans = [node for node in context.plan.nodes if node.kind == "CTE Scan"]
    uses = Counter(node.text("CTE Name") for node in scans)
    for node in scans:
        name = node.text("CTE Name")
        inner = _definition(context, name)
        if inner is None or inner.kind in _FENCES or uses[name] != 1 or not node.text("Filter"):
            continue
        made, kept = (
            (inner.all_rows, node.all_rows) if inner.is_measured else (inner.estimated_rows, node.estimated_rows)
        )
        share = total_share(context, node, *inner.walk())
        if made < LEAST_ROWS or made < FACTOR * max(kept, 1) or share < NOTABLE or _cheap(context, inner):
            continue
        yield PlanHit(
            message=f"The CTE {shortened(name)} is computed whole, {counted(made, 'row')}, and "
            f"{shortened(node.text('Filter'))} then keeps {counted(kept, 'row')}: "
            f"{percent(share)} of the {unit(context.plan)}",
            result=f"{made:,.0f} rows computed, {kept:,.0f} kept; the CTE is used once",
            share=share,
            node=node.number,
            subject=name,
            fix=Fix(
                summary=f"Write WITH {name} AS NOT MATERIALIZED (PostgreSQL 12 and later) or make it a subquery, so "
                "that the condition is applied inside and may use an index"
            ),
        )


def _definition(context: PlanContext, name: str) -> Node | None:
    return next((node for node in context.plan.nodes if node.text("Subplan Name") == f"CTE {name}"), None)


def _cheap(context: PlanContext, inner: Node) -> bool:
    figures = context.of(inner)
    if context.plan.is_timed:
        return inner.number_of("Actual Total Time") * inner.loops < TRIFLE_MS
    return figures.inclusive_cost < TRIFLE_COST


_TABLE = (
    "CREATE TABLE orders (id int PRIMARY KEY, customer int, total int);\n"
    "INSERT INTO orders SELECT i, i % 500, i % 90 FROM generate_series(1, 30000) i;\n"
    "CREATE INDEX orders_customer_idx ON orders (customer);\n"
    "ANALYZE orders;\n"
    "-- setup ends\n"
)

RULE = PlanRule(
    id="cte-barrier",
    claim="A materialised CTE is computed whole, whatever the query then asks of it.",
    family="plans",
    severity=Severity.MEDIUM,
    why=(
        "Up to PostgreSQL 11 always, and later with MATERIALIZED, a volatile function or a second use, a CTE is a "
        "barrier: conditions outside are not applied inside, so that no index can serve them."
    ),
    unless="The barrier is wanted: it keeps an expensive function from being called more often.",
    failing=(
        _TABLE + "EXPLAIN (ANALYZE, FORMAT JSON) "
        "WITH o AS MATERIALIZED (SELECT * FROM orders) SELECT * FROM o WHERE customer = 7;"
    ),
    passing=(
        _TABLE + "EXPLAIN (ANALYZE, FORMAT JSON) "
        "WITH o AS NOT MATERIALIZED (SELECT * FROM orders) SELECT * FROM o WHERE customer = 7;"
    ),
    sources=("https://www.postgresql.org/docs/current/queries-with.html#QUERIES-WITH-CTE-MATERIALIZATION",),
    inspect=inspect,
)
