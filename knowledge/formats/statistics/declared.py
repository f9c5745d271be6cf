"""Statistics from a schema and row counts alone. Everything else is assumed, and every assumption is named.

Indexes are left out: the lab sizes those it finds in the schema from the statistics of their columns.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from knowledge.formats.statistics.assumed_columns import Assumption, assume
from knowledge.formats.statistics.error import StatisticsError
from knowledge.formats.statistics.type_widths import pages_of, width_of
from knowledge.schema import Relation, Schema
from knowledge.statistics import ColumnStatistics, DatabaseStatistics, RelationStatistics

DEFAULT_ROWS = 10_000
"""Rows of a table without a count."""


def declared(
    schema: Schema, rows: Mapping[str, int], *, today: date, default_rows: int = DEFAULT_ROWS
) -> DatabaseStatistics:
    """The statistics a database of this schema might have.

    Args:
        schema: the tables.
        rows: their row counts, by ``table`` or ``schema.table``. Those of a partitioned table are spread over its
            partitions, as far as these have none of their own.
        today: the last day that timestamps reach.
        default_rows: of tables that are not in ``rows``.

    Raises:
        StatisticsError: ``rows`` names a table that the schema does not have, or a count is negative.
    """
    counts = _counts(schema, rows, default_rows)
    said = {_table(schema, name).qualified for name in rows}
    relations, notes = [], []
    for table in schema.tables:
        relation, note = _relation(schema, table, counts, today)
        relations.append(relation)
        if not table.partition_of:
            source = "declared" if table.qualified in said else "no count was given: a default"
            notes.append(f"assumed for {table.qualified} ({counts[table.qualified]:,} rows, {source}): {note}")
    notes.append(
        "assumed everywhere: values spread evenly and independently, tables freshly vacuumed and without bloat"
    )
    return DatabaseStatistics(relations=tuple(relations), origin="declared", notes=tuple(notes))


def _table(schema: Schema, name: str) -> Relation:
    table = schema.table(name)
    if table is None:
        named = [each for each in schema.tables if each.name == name]
        if len(named) != 1:
            raise StatisticsError(f"there is no table {name!r} in the schema, or more than one")
        return named[0]
    return table


def _counts(schema: Schema, rows: Mapping[str, int], default_rows: int) -> dict[str, int]:
    """Row counts of all tables; those of a partitioned table are the sum of its partitions."""
    given = {_table(schema, name).qualified: count for name, count in rows.items()}
    if any(count < 0 for count in given.values()):
        raise StatisticsError("a row count is negative")
    parts: dict[str, list[str]] = defaultdict(list)
    for table in schema.tables:
        if table.partition_of:
            parts[table.partition_of].append(table.qualified)
    counts: dict[str, int] = {}

    def count(name: str, share: int | None) -> int:
        own = given.get(name, share)
        members = parts.get(name, [])
        if not members:
            counts[name] = default_rows if own is None else own
            return counts[name]
        known = sum(given.get(member, 0) for member in members)
        open_members = [member for member in members if member not in given]
        left = None if own is None else max(own - known, 0)
        shares = _shares(left, len(open_members))
        counts[name] = sum(count(each, None) for each in members if each in given)
        counts[name] += sum(count(each, part) for each, part in zip(open_members, shares, strict=True))
        return counts[name]

    for table in schema.tables:
        if not table.partition_of:
            count(table.qualified, None)
    return counts


def _shares(rows: int | None, parts: int) -> Sequence[int | None]:
    if rows is None or not parts:
        return [None] * parts
    return [rows // parts + (place < rows % parts) for place in range(parts)]


def _relation(
    schema: Schema, table: Relation, counts: Mapping[str, int], today: date
) -> tuple[RelationStatistics, str]:
    rows = counts[table.qualified]
    assumptions = [assume(schema, table, column, rows, counts, today) for column in table.columns]
    pages = 0
    if not table.partitioned:
        stored = [column for column in table.columns if column.generated != "virtual"]
        pages = pages_of(
            [width_of(column, is_enum=column.type in schema.enums) for column in stored],
            rows,
            nullable=any(each.statistics.null_frac > 0 for each in assumptions),
            columns=len(stored),
        )
    relation = RelationStatistics(
        schema=table.schema,
        name=table.name,
        kind="p" if table.partitioned else "r",
        pages=pages,
        tuples=float(rows),
        relpages=pages,
        all_visible=pages,
        columns=_columns(assumptions, inherited=table.partitioned),
    )
    size = f"{pages:,} pages from the widths of its types"
    return relation, "; ".join([size, *(each.words for each in assumptions if each.words)])


def _columns(assumptions: Sequence[Assumption], *, inherited: bool) -> tuple[ColumnStatistics, ...]:
    return tuple(replace(each.statistics, inherited=inherited) for each in assumptions)
