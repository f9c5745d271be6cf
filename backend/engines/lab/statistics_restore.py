"""Giving a lab's tables, columns and indexes the statistics of other rows (PostgreSQL 18's own functions).

The values are parsed by the types' own input functions. A guest's domains run the guest's functions then, so
this runs as the guest, who owns the tables. Before 18 the administrator has to do it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from backend.engines.lab import statistics_insert
from backend.engines.lab.relations import IndexRelation, Table
from knowledge.statistics import ColumnStatistics, DatabaseStatistics, RelationStatistics

if TYPE_CHECKING:
    import asyncpg

NATIVE_SINCE = 18
"""``pg_restore_relation_stats`` and ``pg_restore_attribute_stats``."""

_RELATIONS = """
SELECT pg_catalog.pg_restore_relation_stats('schemaname', s, 'relname', r, 'relpages', p, 'reltuples', t,
  'relallvisible', v)
FROM pg_catalog.json_to_recordset($1::json) AS x(s text, r text, p int, t real, v int)
"""

_COLUMNS = """
SELECT pg_catalog.pg_restore_attribute_stats('schemaname', s, 'relname', r, 'attname', a, 'inherited', i,
  'null_frac', nf, 'avg_width', aw, 'n_distinct', nd, 'most_common_vals', mcv, 'most_common_freqs', mcf::real[],
  'histogram_bounds', hb, 'correlation', co, 'most_common_elems', mce, 'most_common_elem_freqs', mef::real[],
  'elem_count_histogram', ech::real[], 'range_length_histogram', rlh, 'range_empty_frac', ref,
  'range_bounds_histogram', rbh)
FROM pg_catalog.json_to_recordset($1::json) AS x(s text, r text, a text, i bool, nf real, aw int, nd real,
  mcv text, mcf text, hb text, co real, mce text, mef text, ech text, rlh text, ref real, rbh text)
"""


async def prepare_restoring(admin: asyncpg.Connection) -> None:
    """Create what the restoring needs before PostgreSQL 18, in the lab's own schema."""
    if not _is_native(admin):
        await admin.execute(statistics_insert.SIZES)


async def restore_statistics(
    guest: asyncpg.Connection,
    admin: asyncpg.Connection,
    statistics: DatabaseStatistics,
    tables: Sequence[Table],
    indexes: Sequence[IndexRelation],
) -> list[str]:
    """Restore what there is for the relations there are; what could not be is returned in words."""
    columns = {table.qualified: table.columns for table in tables}
    columns |= {index.qualified: frozenset(key.name for key in index.keys) for index in indexes}
    notes, attributes = [], []
    for relation in statistics.relations:
        here = columns.get(relation.qualified)
        if here is None:
            notes.append(f"statistics of {relation.qualified} were left out: the schema has no such relation")
            continue
        strange = sorted({column.name for column in relation.columns} - here)
        if strange:
            names = ", ".join(strange)
            notes.append(f"statistics of {relation.qualified} ({names}) were left out: no such column")
        attributes += [_column(relation, column) for column in relation.columns if column.name in here]
    warnings: list[str] = []

    def hear(_session: object, message: Any) -> None:
        warnings.append(str(message.message))

    session, query = (guest, _COLUMNS) if _is_native(guest) else (admin, statistics_insert.COLUMNS)
    session.add_log_listener(hear)
    try:
        notes += await restore_sizes(session, statistics.relations, columns)
        notes += await _apply(session, query, attributes)
    finally:
        session.remove_log_listener(hear)
    return notes + [f"statistics were restored in part: {warning}" for warning in dict.fromkeys(warnings)]


async def restore_sizes(
    session: asyncpg.Connection, relations: Sequence[RelationStatistics], known: Collection[str] | None = None
) -> list[str]:
    """Restore pages and rows of relations alone, of the ``known`` ones where these are named."""
    query = _RELATIONS if _is_native(session) else statistics_insert.RELATIONS
    rows = [_relation(relation) for relation in relations if known is None or relation.qualified in known]
    return await _apply(session, query, rows)


def _is_native(session: asyncpg.Connection) -> bool:
    return int(session.get_server_version().major) >= NATIVE_SINCE


async def _apply(session: asyncpg.Connection, query: str, rows: list[dict[str, Any]]) -> list[str]:
    """All at once; where that fails, by halves down to the culprit."""
    import asyncpg

    if not rows:
        return []
    try:
        await session.fetch(query, json.dumps(rows))
        return []
    except asyncpg.PostgresError as error:
        if len(rows) == 1:
            name = ".".join(str(rows[0][part]) for part in "sra" if part in rows[0])
            return [f"statistics of {name} could not be restored: {error}"]
    middle = len(rows) // 2
    return [*await _apply(session, query, rows[:middle]), *await _apply(session, query, rows[middle:])]


def _relation(relation: RelationStatistics) -> dict[str, Any]:
    pages = relation.relpages or relation.pages
    # Where nothing was ever counted the planner must not believe in zero rows.
    tuples = relation.tuples if relation.tuples >= 0 else -1.0
    return {
        "s": relation.schema,
        "r": relation.name,
        "p": min(pages, 2**31 - 1),
        "t": tuples,
        "v": min(relation.all_visible, pages, 2**31 - 1),
    }


def _column(relation: RelationStatistics, column: ColumnStatistics) -> dict[str, Any]:
    row: Mapping[str, Any] = {
        "s": relation.schema,
        "r": relation.name,
        "a": column.name,
        "i": column.inherited,
        "nf": column.null_frac,
        "aw": column.avg_width,
        "nd": column.n_distinct,
        "mcv": column.most_common_vals,
        "mcf": _reals(column.most_common_freqs),
        "hb": column.histogram_bounds,
        "co": column.correlation,
        "mce": column.most_common_elems,
        "mef": _reals(column.most_common_elem_freqs),
        "ech": _reals(column.elem_count_histogram),
        "rlh": column.range_length_histogram,
        "ref": column.range_empty_frac,
        "rbh": column.range_bounds_histogram,
    }
    return {name: value for name, value in row.items() if value is not None and value != ""}


def _reals(values: Sequence[float]) -> str:
    return "{" + ",".join(map(repr, values)) + "}" if values else ""
