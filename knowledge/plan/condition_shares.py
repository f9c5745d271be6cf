"""Statistics of a column with which the planner sees a known share of rows meet a condition."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from knowledge.formats.statistics.array_literal import literal
from knowledge.formats.statistics.type_widths import plain_type, width_of
from knowledge.plan.condition_cost import column_of, parsed
from knowledge.schema import Relation
from knowledge.statistics import ColumnStatistics

BUCKETS = 100
_NUMBERS = {
    "smallint": 10_000,
    "integer": 10**8,
    "bigint": 10**8,
    "numeric": 10**6,
    "real": 10**6,
    "double precision": 10**6,
}
"""Width of the histogram that is laid around the constant."""
_DAYS = 1_000
_LARGEST = {"smallint": 2**15 - 1, "integer": 2**31 - 1, "bigint": 2**63 - 1}
_BELOW, _ABOVE = ("<", "<="), (">", ">=")


def share_statistics(table: Relation, condition: str, share: float) -> ColumnStatistics | None:
    """The statistics of the column in ``column operator constant``, ``None`` for other conditions.

    Of equality the constant becomes a most common value; where no row meets it, the column is taken for unique. Of a
    range the constant is put at its place in a histogram, which lies around it and says nothing of other constants;
    the column is taken for unique then.

    Args:
        table: the column's.
        condition: as EXPLAIN prints it.
        share: of the rows that meet it, 0 to 1.
    """
    tree = parsed(condition)
    if tree is None or not tree.HasField("a_expr") or len(tree.a_expr.name) != 1:
        return None
    operator = tree.a_expr.name[0].string.sval
    column = table.column(_named(tree.a_expr.lexpr))
    constant = _constant(tree.a_expr.rexpr)
    if column is None or constant is None:
        return None
    width = width_of(column).bytes
    if operator == "=" and share <= 0:
        return ColumnStatistics(column.name, avg_width=width, n_distinct=-1.0)
    if operator == "=":
        distinct = float(max(1, round(1 / share)))
        return ColumnStatistics(
            column.name, avg_width=width, n_distinct=distinct,
            most_common_vals=literal([constant]), most_common_freqs=(share,),
        )  # fmt: skip
    if operator in _BELOW or operator in _ABOVE:
        bounds = _bounds(column.type, constant, share if operator in _BELOW else 1 - share)
        # Unless its values are many the planner moves a range by the share of one of them.
        said = ColumnStatistics(column.name, avg_width=width, n_distinct=-1.0, histogram_bounds=literal(bounds))
        return said if bounds else None
    return None


def _named(node: Any) -> str:
    """The column behind a cast that changes nothing, or the column itself."""
    return column_of(node.type_cast.arg if node.HasField("type_cast") else node)


def _constant(node: Any) -> str | None:
    while node.HasField("type_cast"):
        node = node.type_cast.arg
    if not node.HasField("a_const") or node.a_const.isnull:
        return None
    constant = node.a_const
    kind = constant.WhichOneof("val")
    if kind == "sval":
        return str(constant.sval.sval)
    if kind == "ival":
        return str(constant.ival.ival)
    if kind == "fval":
        return str(constant.fval.fval)
    return ("f", "t")[constant.boolval.boolval] if kind == "boolval" else None


def _bounds(kind: str, constant: str, below: float) -> list[str]:
    """Bounds of a histogram in which ``below`` of the values lie under the constant; none for other types."""
    name = plain_type(kind)[0]
    place = _moments(constant, kind) if name == "date" or name.startswith("timestamp") else _numbers(constant, name)
    return [place(step / BUCKETS - below) for step in range(BUCKETS + 1)] if place is not None else []


def _numbers(constant: str, name: str) -> Callable[[float], str] | None:
    span = _NUMBERS.get(name)
    try:
        middle = Decimal(constant)
    except InvalidOperation:
        return None
    if span is None or not middle.is_finite() or abs(middle) + span > _LARGEST.get(name, 10**30):
        return None
    if name in _LARGEST:
        return lambda offset: str(int(middle) + round(offset * span))
    return lambda offset: str(middle + Decimal(repr(offset)) * span)


def _moments(constant: str, kind: str) -> Callable[[float], str] | None:
    try:
        middle = datetime.fromisoformat(constant)
    except ValueError:
        return None
    if not 1000 < middle.year < 9000:
        return None
    if kind == "date":
        return lambda offset: (middle + timedelta(days=round(offset * _DAYS))).date().isoformat()
    return lambda offset: (middle + timedelta(days=offset * _DAYS)).isoformat(" ")
