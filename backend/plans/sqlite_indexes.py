"""Index ideas in the form SQLite has: B-trees without INCLUDE and operator classes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace

from backend.engines.sqlite_catalog import SqliteCatalog
from backend.plans.sqlite_dialect import sqlite_quoted
from knowledge.advice.candidates import candidates
from knowledge.advice.existing import existing_indexes, serves_as
from knowledge.advice.figures import TableFigures
from knowledge.advice.index import Candidate, IndexKey, named
from knowledge.plan.model import Plan
from knowledge.query.shape_model import QueryShape
from knowledge.schema import Relation
from knowledge.statistics import DatabaseStatistics

MAX_IDEAS = 120
MAX_TRIED = 40
NOCASE = "NOCASE"


@dataclass(frozen=True)
class SqliteIndex:
    """An index that does not exist yet; ``idea`` has lower-case names, ``ddl`` those of the schema."""

    idea: Candidate
    ddl: str
    named_table: str
    """The table as the schema writes it."""
    part: float = 1.0
    """Share of the table's rows that it holds, reckoned."""

    @property
    def table(self) -> str:
        """The table in lower case, without schema."""
        return self.idea.table.rpartition(".")[2]

    @property
    def size(self) -> tuple[int, int, float]:
        """What makes it the lesser choice: only part of the rows, more keys, a weaker reason."""
        return int(bool(self.idea.predicate)), len(self.idea.keys), -self.idea.rank


def sqlite_indexes(
    shape: QueryShape,
    plan: Plan,
    aliases: Collection[tuple[str, str]],
    catalog: SqliteCatalog,
    figures: DatabaseStatistics,
) -> tuple[SqliteIndex, ...]:
    """Indexes to try for a query, the most promising first.

    Args:
        shape: what the query asks.
        plan: SQLite's own: its automatic indexes are ideas as well.
        aliases: names of the query with the tables they stand for.
        catalog: the tables.
        figures: what is known of their rows.
    """
    ideas = [
        *candidates(shape, catalog.schema, figures, limit=MAX_IDEAS),
        *_automatic(plan, aliases, catalog),
        *_referring(shape, plan, catalog),
    ]
    taken = names_in_use(catalog)
    found: dict[object, SqliteIndex] = {}
    for idea in _variants(ideas, NOCASE in plan.query.upper()):
        table = catalog.schema.by_name[idea.table]
        if idea.identity in found or any(serves_as(old.shape, idea) for old in existing_indexes(table)):
            continue
        if _is_rowid(idea, table):
            continue
        own = named(idea, taken)
        taken.add(own.name)
        part = _part(own, shape, figures)
        found[idea.identity] = SqliteIndex(own, _ddl(own, catalog), catalog.table(own.table), part)
    return tuple(sorted(found.values(), key=lambda each: -each.idea.rank))[:MAX_TRIED]


def names_in_use(catalog: SqliteCatalog) -> set[str]:
    """What no index may be called: tables and indexes share their names."""
    views = {name.rpartition(".")[2] for name in catalog.schema.views}
    return views | {table.name for table in catalog.schema.tables} | {n.lower() for _, n in catalog.schema.index_names}


def renamed(index: SqliteIndex, taken: Collection[str], catalog: SqliteCatalog) -> SqliteIndex:
    """The index under the name it would have if no other idea had been named before it."""
    own = named(index.idea, taken)
    return replace(index, idea=own, ddl=_ddl(own, catalog))


def _part(idea: Candidate, shape: QueryShape, figures: DatabaseStatistics) -> float:
    """The share of rows that meet the predicate, which is made of conditions of the query."""
    table, part = TableFigures(figures, idea.table), 1.0
    for condition in {each for use in shape.uses if use.table == idea.table for each in use.conditions}:
        if condition.sql and condition.sql in idea.predicate:
            part *= table.share(condition)
    return part


def _variants(ideas: Iterable[Candidate], folding: bool) -> Iterator[Candidate]:
    """Each idea as SQLite can have it: LIKE takes an index in NOCASE, GLOB one in BINARY.

    ``folding`` says whether the query compares in NOCASE anywhere.
    """
    for idea in ideas:
        if idea.method != "btree":
            continue
        held = {key.column for key in idea.keys}
        more = tuple(IndexKey(name) for name in idea.include if name not in held)
        plain = tuple(replace(key, operator_class="", nulls_first=key.descending) for key in idea.keys)
        yield replace(idea, keys=(*plain, *more), include=())
        cased = [key for key in idea.keys if key.operator_class or (folding and key.column)]
        if cased:
            folded = tuple(
                replace(key, operator_class=NOCASE if key in cased else "", nulls_first=key.descending)
                for key in idea.keys
            )
            yield replace(idea, keys=(*folded, *more), include=(), why=f"{idea.why}, without regard to case")


def _automatic(plan: Plan, aliases: Collection[tuple[str, str]], catalog: SqliteCatalog) -> Iterator[Candidate]:
    """The indexes that SQLite builds for the query alone."""
    tables = dict(aliases)
    for node in plan.nodes:
        table = catalog.schema.table(tables.get(node.alias.lower(), node.alias.lower()))
        if not node.properties.get("Automatic Index") or table is None:
            continue
        parts = [
            part.partition("=")[0].strip().lower() for part in node.text("Index Cond").split(" AND ") if "=?" in part
        ]
        if parts and all(table.column(part) for part in parts):
            keys = tuple(IndexKey(part) for part in dict.fromkeys(parts))
            why = f"SQLite builds one on {', '.join(parts)} for this query alone"
            yield Candidate(table.qualified, keys, kind="join", why=why, rank=62)


def _referring(shape: QueryShape, plan: Plan, catalog: SqliteCatalog) -> Iterator[Candidate]:
    """For what a foreign key makes SQLite look up: the rows that refer to one that is deleted or changed."""
    targets = {use.table for use in shape.uses if use.role in ("delete", "update")}
    read = {node.alias.lower() for node in plan.nodes if node.kind == "Scan"}
    for table in catalog.schema.tables:
        for key in table.constraints_of("foreign"):
            if table.name in read and key.target in targets:
                keys = tuple(IndexKey(column) for column in key.columns)
                why = f"rows that refer to {catalog.table(key.target)} are looked up (where foreign_keys is on)"
                yield Candidate(table.qualified, keys, kind="foreign key", why=why, rank=64)


def _is_rowid(idea: Candidate, table: Relation) -> bool:
    """Whether the first key is the table's own and unique: the rows lie in its order already."""
    return bool(idea.keys) and (idea.keys[0].column,) == table.primary_key and not idea.predicate


def _ddl(idea: Candidate, catalog: SqliteCatalog) -> str:
    keys = ", ".join(_key(key, idea.table, catalog) for key in idea.keys)
    where = f" WHERE {idea.predicate}" if idea.predicate else ""
    return f"CREATE INDEX {sqlite_quoted(idea.name)} ON {sqlite_quoted(catalog.table(idea.table))} ({keys}){where}"


def _key(key: IndexKey, table: str, catalog: SqliteCatalog) -> str:
    words = sqlite_quoted(catalog.column(table, key.column)) if key.column else key.expression
    if key.operator_class == NOCASE:
        words += " COLLATE NOCASE"
    return f"{words} DESC" if key.descending else words
