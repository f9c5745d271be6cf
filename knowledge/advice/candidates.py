"""Index candidates for one query, the most promising first. Each is an idea until it was built and used."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from knowledge.advice.btree import BtreeIdeas, Idea
from knowledge.advice.existing import existing_indexes, serves_as
from knowledge.advice.figures import TableFigures
from knowledge.advice.index import Candidate, IndexKey, named
from knowledge.advice.other_methods import other_ideas
from knowledge.advice.variants import covering, partial
from knowledge.query.shape_model import QueryShape, TableUse
from knowledge.schema import Relation, Schema
from knowledge.statistics import DatabaseStatistics

MAX_CANDIDATES = 40
"""Candidates of one query."""
MAX_COVERED = 8
"""B-tree ideas of one mention of a table that are also proposed with INCLUDE."""
_STABLE_CASTS = ("::date", "date_trunc(", "::time", "::text", "::timestamp", "extract(", "timezone(", "to_char(")


def candidates(
    shape: QueryShape, schema: Schema, statistics: DatabaseStatistics, *, limit: int = MAX_CANDIDATES
) -> tuple[Candidate, ...]:
    """Indexes that could serve the query and that the schema does not have, best first, each named.

    Args:
        shape: what the query asks.
        schema: its tables with the indexes they have.
        statistics: used for the order of columns, partial indexes and BRIN; may be empty.
        limit: how many at most.
    """
    found: dict[object, Candidate] = {}
    for use in shape.uses:
        table = schema.by_name.get(use.table)
        if table is None or use.role == "insert":
            continue
        for candidate in _for_use(use, table, TableFigures(statistics, use.table)):
            before = found.get(candidate.identity)
            if before is None or before.rank < candidate.rank:
                found[candidate.identity] = candidate
    existing = {table.qualified: [each.shape for each in existing_indexes(table)] for table in schema.tables}
    new = [each for each in found.values() if not any(serves_as(old, each) for old in existing[each.table])]
    best = sorted(_without_mirrors(new), key=lambda each: (-each.rank, each.complexity))[:limit]
    return tuple(_named(best, schema))


def _for_use(use: TableUse, table: Relation, figures: TableFigures) -> Iterator[Candidate]:
    ideas = sorted(_sound(BtreeIdeas(use, table, figures).all(), table), key=lambda idea: -idea.rank)
    plain = [Candidate(table.qualified, idea.keys, kind=idea.kind, why=idea.why, rank=idea.rank) for idea in ideas]
    yield from plain
    for candidate in plain[:MAX_COVERED]:
        wider = covering(candidate, use, table, figures)
        if wider is not None:
            yield wider
    for candidate in partial(ideas, use, table, figures):
        yield candidate
        fixed = {
            condition.key.column
            for condition in use.conditions
            if condition.sql and condition.sql in candidate.predicate
        }
        for known in (fixed, frozenset[str]()):
            wider = covering(candidate, use, table, figures, known)
            if wider is not None:
                yield wider
    for candidate in other_ideas(use, table, figures):
        if all(_is_immutable(key, table) for key in candidate.keys):
            yield candidate


def _sound(ideas: Iterable[Idea], table: Relation) -> Iterator[Idea]:
    """Ideas whose keys are all different and can be indexed."""
    for idea in ideas:
        keys = tuple(dict.fromkeys(idea.keys))
        names = [key.column or key.expression for key in keys]
        if len(set(names)) == len(names) and all(_is_immutable(key, table) for key in keys):
            yield Idea(keys, idea.kind, idea.why, idea.rank)


def _is_immutable(key: IndexKey, table: Relation) -> bool:
    """Whether an expression does not hang on the time zone: of a ``timestamptz`` most do."""
    text = key.expression.lower()
    if not text or not any(word in text for word in _STABLE_CASTS):
        return True
    zoned = [column.name for column in table.columns if "with time zone" in column.type]
    return not any(name in text for name in zoned)


def _without_mirrors(found: list[Candidate]) -> Iterator[Candidate]:
    """One of two indexes that are each other read backwards."""
    seen: set[object] = set()
    for candidate in sorted(found, key=lambda each: sum(len(key.sql) for key in each.keys)):
        keys = tuple(key.flipped() for key in candidate.keys)
        mirror = (candidate.table, candidate.method, keys, candidate.include, candidate.predicate)
        if mirror not in seen:
            seen.add((candidate.table, candidate.method, candidate.keys, candidate.include, candidate.predicate))
            yield candidate


def _named(found: Iterable[Candidate], schema: Schema) -> Iterator[Candidate]:
    taken: dict[str, set[str]] = {}
    for home, name in schema.index_names:
        taken.setdefault(home, set()).add(name)
    for table in schema.tables:
        taken.setdefault(table.schema, set()).add(table.name)
    for candidate in found:
        names = taken.setdefault(candidate.table.partition(".")[0], set())
        done = named(candidate, names)
        names.add(done.name)
        yield done
