"""Conditions on an expression over a column, which an index on the column cannot serve."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.plan.model import Node
from knowledge.plan.words import counted, percent, shortened, step, unit
from knowledge.report import Fix, Severity
from knowledge.rules.plan_rule import PlanContext, PlanHit, PlanRule
from knowledge.rules.plans._comparisons import Comparison, Side, comparisons
from knowledge.rules.plans._effort import TRIFLE_COST, weighs
from knowledge.rules.plans.implicit_cast import is_mismatch

FACTOR = 10
"""Rows thrown away for each row kept from which a filter is selective (dataxplan)."""

LEAST_REMOVED = 1_000
"""Rows thrown away below which it does not matter."""

LEAST_SHARE = 0.3
"""Share of the query from which such a scan matters (dataxplan)."""

_INDEXABLE = frozenset({"=", "<", "<=", ">", ">="})
_LIKE = frozenset({"~~", "~~*"})
_DATES = frozenset({"date", "time without time zone"})


def inspect(context: PlanContext) -> Iterator[PlanHit]:
    """Every selective filter that hides its column in a function, a cast, an operator or a leading wildcard."""
    for node in context.plan.nodes:
        condition = node.text("Filter")
        if not condition or not node.relation or not weighs(context, node, LEAST_SHARE) or not is_selective(node):
            continue
        for found in comparisons(condition):
            advice = _advice(found, context, node)
            if not advice:
                continue
            share = context.of(node).share
            hidden = found.left if found.left.columns else found.right
            removed = (
                f"throws away {counted(node.number_of('Rows Removed by Filter') * node.loops, 'row')}"
                if node.is_measured
                else f"is estimated to keep {counted(node.estimated_rows, 'row')}"
            )
            yield PlanHit(
                message=f"{step(node)} {removed} by {shortened(_written(found))}: no index on "
                f"{shortened(hidden.columns[0])} can serve that",
                result=f"Filter: {shortened(condition, 200)}; {percent(share)} of the {unit(context.plan)}",
                share=share,
                node=node.number,
                subject=f"{node.relation}.{hidden.columns[0].rpartition('.')[2]}",
                fix=Fix(summary=advice),
            )
            break


def is_selective(node: Node) -> bool:
    """Whether a filter throws most rows away; by the price of each kept row where nothing was measured."""
    if node.is_measured:
        removed = node.number_of("Rows Removed by Filter")
        return removed * node.loops >= LEAST_REMOVED and removed >= FACTOR * node.actual_rows
    return node.number_of("Total Cost") >= max(TRIFLE_COST, node.estimated_rows)


def _written(found: Comparison) -> str:
    return f"{found.left.text} {found.operator} {found.right.text}"


def _advice(found: Comparison, context: PlanContext, node: Node) -> str:
    if found.operator in _LIKE:
        return _like(found)
    if found.operator not in _INDEXABLE or is_mismatch(found, context, node):
        return ""
    if _hides(found.left, found.right):
        return _expression(found.left)
    return _expression(found.right) if _hides(found.right, found.left) else ""


def _hides(side: Side, other: Side) -> bool:
    return len(side.columns) == 1 and not side.bare and not other.columns


def _like(found: Comparison) -> str:
    if len(found.left.columns) != 1 or found.right.constant is None:
        return ""
    if found.right.constant.startswith(("%", "_")):
        return (
            f"A pattern that begins with a wildcard needs an index over parts of words: a GIN index with gin_trgm_ops "
            f"(extension pg_trgm) on {found.left.columns[0]}, or full text search if whole words are meant"
        )
    if not found.left.bare:
        return f"Index the expression {found.left.text} itself, with text_pattern_ops"
    return ""


def _expression(side: Side) -> str:
    column = side.columns[0]
    if side.cast in _DATES or "date_trunc" in side.text.lower():
        return (
            f"Ask for a range of the bare column, {column} >= the first moment AND {column} < the first moment after, "
            "so that an ordinary index serves it"
        )
    return f"Compare the bare column {column} if the other side can be turned round, else index {side.text} itself"


_TABLE = (
    "CREATE TABLE visits (id int PRIMARY KEY, seen timestamp NOT NULL);\n"
    "INSERT INTO visits SELECT i, timestamp '2024-01-01' + i * interval '5 min' FROM generate_series(1, 90000) i;\n"
    "CREATE INDEX visits_seen_idx ON visits (seen);\n"
    "ANALYZE visits;\n"
    "-- setup ends\n"
)

RULE = PlanRule(
    id="non-sargable-filter",
    claim="A condition on a function of a column cannot use an index on the column.",
    family="plans",
    severity=Severity.MEDIUM,
    why=(
        "A B-tree is ordered by the column's values, not by what a function, a cast or an operator makes of them, nor "
        "by what follows the first letters. PostgreSQL then computes the expression for every row."
    ),
    unless="An index on that very expression exists and most rows match anyway.",
    failing=(_TABLE + "EXPLAIN (ANALYZE, FORMAT JSON) SELECT id FROM visits WHERE seen::date = DATE '2024-03-01';"),
    passing=(
        _TABLE + "EXPLAIN (ANALYZE, FORMAT JSON) "
        "SELECT id FROM visits WHERE seen >= DATE '2024-03-01' AND seen < DATE '2024-03-02';"
    ),
    sources=(
        "https://www.postgresql.org/docs/current/indexes-expressional.html",
        "https://www.postgresql.org/docs/current/indexes-types.html",
        "https://www.postgresql.org/docs/current/pgtrgm.html",
    ),
    inspect=inspect,
)
