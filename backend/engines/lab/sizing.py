"""What an index of the lab will hold, asked of the planner and of the statistics."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
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
    return tuple(_width(key, columns, measured) for key in index.keys)


def _width(key: Key, columns: dict[str, ColumnStatistics], measured: dict[str, float]) -> float:
    if key.length > 0:
        return float(key.length)
    if key.name in measured:
        return measured[key.name]
    if not key.is_expression:
        return float(columns[key.name].avg_width) if key.name in columns else _UNKNOWN_WIDTH
    used = [float(columns[word].avg_width) for word in _WORD.findall(key.expression) if word in columns]
    return max(used, default=_UNKNOWN_WIDTH)


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", ()):
        yield from _nodes(child)
