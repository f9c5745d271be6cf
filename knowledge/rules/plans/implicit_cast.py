"""Columns that are converted row by row because the other side has another type."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.plan.model import Node
from knowledge.plan.words import percent, shortened, step, unit
from knowledge.report import Fix, Severity
from knowledge.rules.plan_rule import PlanContext, PlanHit, PlanRule
from knowledge.rules.plans._comparisons import Comparison, Side, comparisons
from knowledge.rules.plans._effort import examined, weighs
from knowledge.rules.plans._typed import column_type

LEAST_ROWS = 1_000
"""Rows converted below which it does not matter."""

_CONDITIONS = ("Filter", "Join Filter", "Hash Cond", "Merge Cond")
_NUMBERS = frozenset({"numeric", "double precision", "real", "bigint", "integer", "smallint"})
_TEXTS = frozenset({"text", "character varying", "character", "name", "bpchar"})


def inspect(context: PlanContext) -> Iterator[PlanHit]:
    """Every comparison that converts a column to another type than its own."""
    for node in context.plan.nodes:
        if _rows(node) < LEAST_ROWS or not weighs(context, node):
            continue
        for name in _CONDITIONS:
            for found in comparisons(node.text(name)):
                side = _converted(found, context, node)
                if side is None:
                    continue
                share = context.of(node).share
                own = column_type(context, node, side.columns[0])
                yield PlanHit(
                    message=f"{step(node)} compares {shortened(side.columns[0])} as {side.cast}"
                    + (f", though it is {own}" if own else "")
                    + f": {shortened(f'{found.left.text} {found.operator} {found.right.text}')} converts every row, "
                    "and no index on the column can serve it",
                    result=f"{name}: {shortened(node.text(name), 200)}; {percent(share)} of the {unit(context.plan)}",
                    share=share,
                    node=node.number,
                    subject=side.columns[0],
                    fix=Fix(summary=_advice(found, side)),
                )
                return


def is_mismatch(found: Comparison, context: PlanContext, node: Node) -> bool:
    """Whether a comparison is one of this rule's: the other rules about expressions leave it alone."""
    return _converted(found, context, node) is not None


def _converted(found: Comparison, context: PlanContext, node: Node) -> Side | None:
    for side, other in ((found.left, found.right), (found.right, found.left)):
        if not side.cast or len(side.columns) != 1 or side.columns == other.columns:
            continue
        own = column_type(context, node, side.columns[0])
        if side.cast in _NUMBERS and (not own or own.partition("(")[0] != side.cast):
            return side
        # Without the schema a cast to text is most likely varchar's, which costs nothing.
        if side.cast in _TEXTS and own and own.partition("(")[0] not in _TEXTS:
            return side
    return None


def _rows(node: Node) -> float:
    """Rows whose columns are converted; what the estimate says where nothing was measured."""
    if node.relation:
        return examined(node) if node.is_measured else node.number_of("Total Cost")
    return max((child.all_rows if node.is_measured else child.estimated_rows for child in node.children), default=0.0)


def _advice(found: Comparison, side: Side) -> str:
    other = found.right if side is found.left else found.left
    if other.columns:
        return (
            f"Give {side.columns[0]} and {other.columns[0]} the same type; until then write the cast on the side that "
            "is not looked up by index"
        )
    return (
        f"Send the value in the type of {side.columns[0]} (bind it as that type, or cast the value, not the column): "
        "a driver that binds floats or decimals for integers is the usual cause"
    )


_TABLE = (
    "CREATE TABLE accounts (id int PRIMARY KEY, owner text);\n"
    "INSERT INTO accounts SELECT i, md5(i::text) FROM generate_series(1, 30000) i;\n"
    "ANALYZE accounts;\n"
    "-- setup ends\n"
)

RULE = PlanRule(
    id="implicit-cast",
    claim="A value of the wrong type makes PostgreSQL convert the column instead, row by row.",
    family="plans",
    severity=Severity.MEDIUM,
    why=(
        "Where an operator needs both sides of one type, the side of the narrower type is converted: an integer column "
        "compared with a numeric or float value becomes numeric or float in every row, and its index is out of use."
    ),
    unless="The table is small, or every row is read anyway.",
    failing=_TABLE + "EXPLAIN (ANALYZE, FORMAT JSON) SELECT owner FROM accounts WHERE id = 4711.0;",
    passing=_TABLE + "EXPLAIN (ANALYZE, FORMAT JSON) SELECT owner FROM accounts WHERE id = 4711;",
    sources=(
        "https://www.postgresql.org/docs/current/typeconv-oper.html",
        "https://www.postgresql.org/docs/current/indexes-intro.html",
    ),
    inspect=inspect,
)
