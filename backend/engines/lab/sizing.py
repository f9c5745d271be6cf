"""What an index of the lab will hold, asked of the planner and of the statistics."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from backend.engines.lab.index_sizes import Content
from backend.engines.lab.relations import IndexRelation, Key, Table
from knowledge.statistics import ColumnStatistics, DatabaseStatistics, RelationStatistics

if TYPE_CHECKING:
    import asyncpg

QUIET = "SET max_parallel_workers_per_gather = 0; SET jit = off"
"""For the estimating session: its plans' row counts must be those of whole tables."""

_UNKNOWN_WIDTH = 32.0
"""What the planner assumes of a variable length (get_typavgwidth)."""
_ELEMENT_EXTRAS, _ELEMENT_LIMIT = 3, 900
"""Figures behind the frequencies of elements (least, greatest, of NULL), and 10 times the usual target less some."""
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_$]*")


class Sizing:
    """Estimates contents.

    Args:
        session: a session of the guest that sees the tables at full length.
        statistics: of the tables.
    """

    def __init__(self, session: asyncpg.Connection, statistics: DatabaseStatistics) -> None:
        self._session = session
        self._statistics = statistics

    async def content(self, index: IndexRelation, table: Table, heap_pages: int, *, equal_image: bool) -> Content:
        """What ``index`` will hold."""
        known = self._statistics.by_name.get(table.qualified)
        columns = {column.name: column for column in known.columns if not column.inherited} if known else {}
        own = self._statistics.by_name.get(index.qualified)
        widths = widths_of(index, columns, own)
        rows = known.tuples if known is not None and known.tuples >= 0 else 0.0
        distinct = rows
        if index.predicate or known is None or known.tuples < 0 or not index.unique:
            rows, distinct = await self._counts(index, table, rows)
            distinct = _damped(index, columns, rows, distinct)
        only = columns.get(index.keys[0].name) if len(index.keys) == 1 and not index.predicate else None
        return Content(
            rows=rows,
            distinct=max(1.0, rows if index.unique else distinct),
            widths=widths,
            nulls=only.null_frac if only else 0.0,
            frequencies=only.most_common_freqs if only else (),
            equal_image=equal_image,
            heap_pages=heap_pages,
            elements=only.elem_count_histogram[-1] if only and only.elem_count_histogram else 0.0,
            known_elements=_known_elements(only),
        )

    async def _counts(self, index: IndexRelation, table: Table, rows: float) -> tuple[float, float]:
        """Rows and different keys, as the planner reckons them (it knows extended statistics)."""
        import asyncpg

        source = f"FROM ONLY {table.sql_name}" + (f" WHERE {index.predicate}" if index.predicate else "")
        keys = ", ".join(f"({key.expression})" for key in index.keys if key.is_key)
        grouped = index.method in ("btree", "hash") and not index.unique
        query = f"SELECT 1 {source}" + (f" GROUP BY {keys}" if grouped else "")
        try:
            plan = json.loads(await self._session.fetchval(f"EXPLAIN (FORMAT JSON) {query}"))[0]["Plan"]
        except asyncpg.PostgresError:
            return rows, rows
        scanned = [node["Plan Rows"] for node in _nodes(plan) if "Relation Name" in node]
        found = float(max(scanned, default=plan["Plan Rows"])) if index.predicate or not rows else rows
        return found, min(found, float(plan["Plan Rows"])) if grouped else found


def widths_of(
    index: IndexRelation, columns: dict[str, ColumnStatistics], own: RelationStatistics | None
) -> tuple[float, ...]:
    """Average bytes of each column of the index."""
    measured = {column.name: float(column.avg_width) for column in own.columns} if own else {}
    stores_parts = index.method == "gin"  # its columns have the type of the parts, not of the values
    return tuple(_width(replace(key, length=-1) if stores_parts else key, columns, measured) for key in index.keys)


def _width(key: Key, columns: dict[str, ColumnStatistics], measured: dict[str, float]) -> float:
    if key.length > 0:
        return float(key.length)
    if key.name in measured:
        return measured[key.name]
    if not key.is_expression:
        return float(columns[key.name].avg_width) if key.name in columns else _UNKNOWN_WIDTH
    used = [float(columns[word].avg_width) for word in _WORD.findall(key.expression) if word in columns]
    return max(used, default=_UNKNOWN_WIDTH)


def _known_elements(column: ColumnStatistics | None) -> int:
    """Different elements of an array column, where the list of the common ones is not cut off."""
    found = len(column.most_common_elem_freqs) - _ELEMENT_EXTRAS if column else 0
    return found if 0 < found < _ELEMENT_LIMIT else 0


def _damped(index: IndexRelation, columns: dict[str, ColumnStatistics], rows: float, estimate: float) -> float:
    """Different keys of several columns, between the planner's bound and what independent columns would have.

    The planner caps the product of the columns' numbers at a tenth of the rows (estimate_num_groups), unless
    extended statistics tell the number. Truth lies anywhere between, so the geometric mean errs least.
    """
    keys = [columns.get(key.name) for key in index.keys if key.is_key and not key.is_expression]
    known = [column for column in keys if column is not None and column.n_distinct]
    if index.predicate or len(keys) < 2 or len(known) < len([key for key in index.keys if key.is_key]):
        return estimate
    numbers = [column.n_distinct if column.n_distinct > 0 else -column.n_distinct * rows for column in known]
    product = math.prod(numbers)
    capped = min(product, max(rows / 10, *numbers), rows)
    if abs(estimate - capped) > capped / 20:
        return estimate
    independent = product * -math.expm1(-rows / product)
    return math.sqrt(min(estimate, independent) * independent)


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", ()):
        yield from _nodes(child)
