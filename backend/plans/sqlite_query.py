"""One query of SQLite's, explained: planned in an empty database with the statistics given, helped by what was tried.

Nothing of the user's is executed. SQLite's plans carry neither costs nor times, and none is said.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from backend.engines.sqlite_catalog import HOME, SqliteCatalog, read_sqlite_catalog
from backend.engines.sqlite_lab import SqliteLab, open_sqlite_lab
from backend.engines.sqlite_statistics import SqliteStatistics, known_rows, per_value, referred_rows
from backend.plans.explained import Explained
from backend.plans.ranked import Provenance
from backend.plans.sqlite_advised import index_finding
from backend.plans.sqlite_bench import Bench
from backend.plans.sqlite_dialect import postgres_words
from backend.plans.sqlite_indexes import names_in_use, renamed, sqlite_indexes
from backend.plans.sqlite_search import Search, Trial
from backend.plans.sqlite_weight import PART, Scales, known_distinct
from knowledge.formats.statistics.declared import declared
from knowledge.plan.model import Node, Plan
from knowledge.query.shape import QueryShape, read_query
from knowledge.report import Artifact
from knowledge.statistics import DatabaseStatistics

if TYPE_CHECKING:
    import aiosqlite

UNKNOWN_ROWS = 2**20
"""Rows that SQLite takes a table to have of which it knows nothing (``sqlite3DefaultRowEst``: 1,048,576)."""
LARGEST_LISTED = 4
MOST_REFUSED = 3
_TODAY = date(2000, 1, 1)
"""Days in guessed statistics play no part here: shares of values do."""


async def explain_sqlite_query(
    sql: str,
    ddl: str,
    statistics: SqliteStatistics | Mapping[str, int],
    *,
    origin: str,
    assumed: bool,
    check_use: bool = True,
) -> Explained:
    """Everything about one statement; it is planned, never executed.

    Args:
        sql: one SELECT, INSERT, UPDATE or DELETE; parameters may stay open.
        ddl: the schema.
        statistics: of the database file, or row counts by table.
        origin: where they come from, as in ``sqlite_stat1 of shop.db``.
        assumed: whether they were declared or guessed.
        check_use: whether an index must be used and improve the plan; turned off only to show what that is for.

    Raises:
        SqliteLabError: the DDL fails (with its line), or ``sql`` is no single statement that can be planned.
    """
    given = statistics if isinstance(statistics, SqliteStatistics) else SqliteStatistics(rows=dict(statistics))
    async with open_sqlite_lab(ddl, given) as lab:
        await lab.explain(sql)  # refuses what cannot be planned, in SQLite's words
        connection = lab.connection
        catalog = await read_sqlite_catalog(connection)
        shape = read_query(postgres_words(sql, _names(catalog), catalog.views), catalog.schema)
        figures = _figures(catalog, given)
        told = per_value(given, _keys(catalog))
        scales = Scales(shape, catalog.schema, figures, known_rows(given), told)
        bench = Bench(lab, connection, sql, *await _known(connection, catalog, given))
        search = Search(bench, scales, _partial(catalog), check=check_use)
        first = await search.trial(())
        ideas = sqlite_indexes(shape, first.plan, scales.aliases, catalog, figures) if first else ()
        before, best = await search.best(ideas)
        best = await _with_own_names(search, best, catalog)
        explained = Explained(
            _with_rows(before.plan, scales),
            Provenance(f"planned in an empty SQLite with the statistics given ({origin})"),
            catalog.schema,
            sql,
        )
        explained.proven = [
            index_finding(index, less, best, scales, catalog, origin)
            for index in best.indexes
            if (less := await search.without(best, index)) is not None
        ]
        explained.proven.sort(key=lambda finding: finding.severity.rank)
        explained.facts = {
            "indexes tried": f"{len(ideas)} in {search.plans} plans",
            "lab": f"SQLite {sqlite3.sqlite_version}, {origin}: {_sizes(given)}",
        }
        if not best.indexes:
            explained.facts["no index"] = _reason(before, len(ideas), shape)
        explained.not_tested = [*_not_tested(lab, shape, search), *_strangers(given, catalog)]
        explained.assumptions = [*(_assumptions(lab) if assumed else []), *_unsized(explained.plan, scales, catalog)]
    explained.artifacts = _indexes_sql(best)
    explained.next_step = _next(explained, assumed)
    return explained


async def _with_own_names(search: Search, best: Trial, catalog: SqliteCatalog) -> Trial:
    """The same indexes with the names they would have alone: ideas are named apart from each other as well."""
    taken, made = names_in_use(catalog), []
    for index in sorted(best.indexes, key=lambda each: each.idea.name):
        made.append(renamed(index, taken, catalog))
        taken.add(made[-1].idea.name)
    return await search.trial(made) or best


def _names(catalog: SqliteCatalog) -> frozenset[str]:
    tables = catalog.schema.tables
    return frozenset(table.name for table in tables) | {column.name for table in tables for column in table.columns}


def _partial(catalog: SqliteCatalog) -> dict[str, float]:
    return {index.name: PART for table in catalog.schema.tables for index in table.indexes if index.partial}


async def _known(
    connection: aiosqlite.Connection, catalog: SqliteCatalog, given: SqliteStatistics
) -> tuple[dict[str, int], dict[tuple[str, str], int]]:
    """Rows of each table, and rows of one value where keys or indexes tell."""
    rows = known_rows(given)
    return rows, await referred_rows(connection, rows) | per_value(given, _keys(catalog))


def _keys(catalog: SqliteCatalog) -> dict[str, tuple[str, ...]]:
    return {
        index.name: index.columns for table in catalog.schema.tables for index in table.indexes if not index.partial
    }


def _figures(catalog: SqliteCatalog, given: SqliteStatistics) -> DatabaseStatistics:
    """Row counts as known; how many values a column has from indexes that begin with it, else guessed."""
    rows = known_rows(given)
    known = {name: count for name, count in rows.items() if f"{HOME}.{name}" in catalog.schema.by_name}
    figures = declared(catalog.schema, known, today=_TODAY, default_rows=UNKNOWN_ROWS)
    told = {key: max(1.0, rows.get(key[0], 0) / max(each, 1)) for key, each in per_value(given, _keys(catalog)).items()}
    return known_distinct(figures, told)


def _with_rows(plan: Plan, scales: Scales) -> Plan:
    """The plan whose reads say how many rows their table has, where that is known (``Table Rows``)."""

    def node(one: Node) -> Node:
        rows = scales.rows_of(one) if one.kind in ("Scan", "Search") else 0
        properties = {**one.properties, "Table Rows": rows} if rows else one.properties
        return replace(one, properties=properties, children=tuple(node(child) for child in one.children))

    return replace(plan, root=node(plan.root))


def _sizes(given: SqliteStatistics) -> str:
    tables = sorted(known_rows(given).items(), key=lambda each: (-each[1], each[0]))
    shown = ", ".join(f"{name} {count:,} rows" for name, count in tables[:LARGEST_LISTED])
    more = f" and {len(tables) - LARGEST_LISTED} more tables" if len(tables) > LARGEST_LISTED else ""
    return shown + more if tables else "no row counts"


def _reason(before: Trial, ideas: int, shape: QueryShape) -> str:
    """Why none is recommended."""
    if not any(before.tally.weight.faults):
        return "the plan reads no large table whole, builds no index for itself and sorts few rows"
    if not shape.uses:
        return "what the query asks for could not be read, so there were no ideas to try"
    if not ideas:
        return "the query asks for nothing that an index could answer and that has none yet"
    return f"of {ideas} ideas SQLite used none in a way that saves a full read, an automatic index or a sort"


def _not_tested(lab: SqliteLab, shape: QueryShape, search: Search) -> list[str]:
    notes = ["costs and times: EXPLAIN QUERY PLAN has none; plans are compared by what they read whole, build and sort"]
    notes += [f"the lab differs: {each}" for each in lab.differences]
    if not lab.has_stat4 and not any("STAT4" in each for each in lab.differences):
        notes.append("STAT4: this SQLite was built without it; a build that samples values may plan otherwise")
    if shape.parameters:
        notes.append("parameters were left open: SQLite may plan LIKE and GLOB otherwise once it sees their values")
    notes += [f"index ideas: {each}" for each in shape.notes]
    return [*notes, *(f"not tried, {words}: {ddl}" for ddl, words in [*search.refused.items()][:MOST_REFUSED])]


def _strangers(given: SqliteStatistics, catalog: SqliteCatalog) -> list[str]:
    strange = sorted(name for name in given.rows if catalog.schema.table(name.lower()) is None)
    return [f"row counts of {', '.join(strange)} were left out: the schema has no such table"] if strange else []


def _assumptions(lab: SqliteLab) -> list[str]:
    words = [each for each in lab.differences if each.startswith("assumed")]
    return [*words, "assumed: how many values a column has, from its name, type and constraints, where no index tells"]


def _unsized(plan: Plan, scales: Scales, catalog: SqliteCatalog) -> list[str]:
    """Tables that the plan reads and of whose size nothing is known."""
    read = [node for node in plan.nodes if node.kind in ("Scan", "Search")]
    names = sorted({catalog.table(scales.table_of(node)) for node in read if not scales.rows_of(node)} - {""})
    words = f"assumed: {', '.join(names)} has {UNKNOWN_ROWS:,} rows, as SQLite does where ANALYZE told nothing of it"
    return [words] if names else []


def _indexes_sql(best: Trial) -> list[Artifact]:
    text = "".join(f"{index.ddl};\n" for index in best.indexes)
    return [Artifact(name="indexes.sql", media_type="application/sql", text=text)] if text else []


def _next(explained: Explained, assumed: bool) -> str:
    if assumed or any("ANALYZE told nothing" in each for each in explained.assumptions):
        return "run ANALYZE on the real file and give its path as `ddl`: row counts were assumed"
    return "create the index in a migration, then run ANALYZE" if explained.proven else ""
