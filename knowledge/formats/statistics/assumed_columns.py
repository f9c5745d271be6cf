"""What is assumed of a column's values from its name, type and constraints, given the number of rows."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from knowledge.formats.statistics.array_literal import literal
from knowledge.formats.statistics.type_widths import plain_type, width_of
from knowledge.schema import Column, Constraint, Relation, Schema
from knowledge.statistics import ColumnStatistics

BUCKETS = 100
"""``default_statistics_target``: buckets of a histogram, and the longest list of common values."""
DAYS = 730
"""Timestamps reach back so far."""
FEW, SOME = 8, 50
"""Different values of a status or kind, and of a country or currency."""
MOSTLY_NULL = 0.9
"""Fraction of NULL in ``deleted_at`` and its like."""

_FEW = re.compile(
    r"(^|_)(status|state|type|kind|role|level|priority|category|method|mode|gender|channel)$", re.IGNORECASE
)
_SOME = re.compile(r"(^|_)(country|currency|language|lang|locale|region|timezone)(_code)?$", re.IGNORECASE)
_ENDS = re.compile(r"^(deleted|archived|cancell?ed|revoked|expired|disabled|removed)(_at|_on)?$", re.IGNORECASE)
_INSERTION = re.compile(
    r"^(created|inserted|added|occurred|logged|recorded|placed|registered)(_at|_on)?$|^(at|ts|timestamp)$"
)
_LISTED = re.compile(r"\((\w+)\)?(?:::[\w ]+)?\)? = ANY \(\(?ARRAY\[(?P<values>.*?)\]")
_STRING = re.compile(r"'((?:[^']|'')*)'")
_WHOLE = ("smallint", "integer", "bigint")
_LARGEST = {"smallint": 2**15 - 1, "integer": 2**31 - 1, "bigint": 2**63 - 1}


@dataclass(frozen=True)
class Assumption:
    """A column's statistics, and in words what in them was not declared."""

    statistics: ColumnStatistics
    words: str = ""


def assume(
    schema: Schema, table: Relation, column: Column, rows: int, counts: Mapping[str, int], today: date
) -> Assumption:
    """What the values of a column are taken to be."""
    kind, _, is_array = plain_type(column.type)
    width = width_of(column, is_enum=column.type in schema.enums).bytes
    values = () if is_array else _values(schema, table, column, kind)
    if values:
        return _even(column, width, values, rows)
    key = _foreign_key(table, column)
    if _is_unique(table, column):
        return _unique(column, kind, width, rows, key, counts)
    if key is not None:
        return _reference(column, kind, width, rows, key, counts)
    if kind.startswith("timestamp") or kind == "date":
        return _moments(column, kind, width, rows, today)
    return _guess(column, width, rows)


def _values(schema: Schema, table: Relation, column: Column, kind: str) -> tuple[str, ...]:
    """All values a column can have, where the schema lists them."""
    if kind == "boolean":
        return ("t", "f")
    if column.type in schema.enums:
        return schema.enums[column.type][:BUCKETS]
    for constraint in table.constraints_of("check"):
        match = _LISTED.search(constraint.definition)
        if constraint.columns == (column.name,) and match is not None:
            return tuple(value.replace("''", "'") for value in _STRING.findall(match["values"]))[:BUCKETS]
    return ()


def _even(column: Column, width: int, listed: Sequence[str], rows: int) -> Assumption:
    values = listed[:rows]
    if not values:
        return Assumption(ColumnStatistics(column.name, avg_width=width))
    statistics = ColumnStatistics(
        column.name,
        avg_width=width,
        n_distinct=float(len(values)),
        most_common_vals=literal(values),
        most_common_freqs=(1 / len(values),) * len(values),
        correlation=1 / len(values),
    )
    return Assumption(statistics, f"{column.name} takes its {len(values)} values equally often")


def _is_unique(table: Relation, column: Column) -> bool:
    alone = (column.name,)
    return any(each.columns == alone for kind in ("primary", "unique") for each in table.constraints_of(kind)) or any(
        index.unique and index.columns == alone and not index.partial for index in table.indexes
    )


def _foreign_key(table: Relation, column: Column) -> Constraint | None:
    return next((each for each in table.constraints_of("foreign") if each.columns == (column.name,)), None)


def _unique(
    column: Column, kind: str, width: int, rows: int, key: Constraint | None, counts: Mapping[str, int]
) -> Assumption:
    last = counts.get(key.target, rows) if key is not None else rows
    counted = kind in _WHOLE
    return Assumption(
        ColumnStatistics(
            column.name,
            avg_width=width,
            n_distinct=-1.0,
            histogram_bounds=_numbers(max(last, rows), kind) if counted else "",
            correlation=1.0 if counted else 0.0,
        ),
        f"{column.name} counts up from 1 in the order of the rows" if counted else "",
    )


def _reference(
    column: Column, kind: str, width: int, rows: int, key: Constraint, counts: Mapping[str, int]
) -> Assumption:
    target = max(counts.get(key.target, rows), 1)
    # Balls into bins: with few rows some targets are never referred to.
    distinct = target * -math.expm1(-rows / target)
    return Assumption(
        ColumnStatistics(
            column.name,
            avg_width=width,
            n_distinct=_relative(distinct, rows),
            histogram_bounds=_numbers(target, kind) if kind in _WHOLE else "",
            correlation=0.0,
        ),
        f"{column.name} refers evenly to the {target:,} rows of {key.target}",
    )


def _moments(column: Column, kind: str, width: int, rows: int, today: date) -> Assumption:
    null_frac = MOSTLY_NULL if column.nullable and _ENDS.match(column.name) else 0.0
    ordered = not null_frac and bool(_INSERTION.search(column.name) or "now()" in column.default)
    steps = [today - timedelta(days=DAYS - DAYS * step / BUCKETS) for step in range(BUCKETS + 1)]
    distinct = float(min(rows, DAYS)) if kind == "date" else rows * (1 - null_frac)
    statistics = ColumnStatistics(
        column.name,
        null_frac=null_frac,
        avg_width=width,
        n_distinct=_relative(distinct, rows),
        histogram_bounds=literal(each.isoformat() for each in steps) if distinct > BUCKETS else "",
        correlation=1.0 if ordered else 0.0,
    )
    order = "in the order of the rows" if ordered else "in no order"
    nulls = f", {null_frac:.0%} NULL" if null_frac else ""
    return Assumption(statistics, f"{column.name} spreads over the {DAYS} days before {today}, {order}{nulls}")


def _guess(column: Column, width: int, rows: int) -> Assumption:
    few = FEW if _FEW.search(column.name) else SOME if _SOME.search(column.name) else 0
    distinct = min(few, rows) if few else rows / 10
    statistics = ColumnStatistics(column.name, avg_width=width, n_distinct=_relative(distinct, rows), correlation=0.0)
    return Assumption(statistics, f"{column.name} has {max(round(distinct), min(rows, 1)):,} different values")


def _relative(distinct: float, rows: int) -> float:
    """A number of distinct values as ANALYZE keeps it: above a tenth of the rows it grows with them."""
    if not rows or distinct <= 0:
        return 0.0
    return -min(distinct / rows, 1.0) if distinct > rows / 10 else max(float(round(distinct)), 1.0)


def _numbers(last: int, kind: str) -> str:
    """Bounds of a histogram of 1 to ``last``."""
    last = min(last, _LARGEST[kind])
    buckets = min(BUCKETS, last - 1)
    return literal(str(1 + (last - 1) * step // buckets) for step in range(buckets + 1)) if buckets > 0 else ""
