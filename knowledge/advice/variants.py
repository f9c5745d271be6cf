"""Variants of a B-tree idea: over part of the rows only, or holding all columns that a query needs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from knowledge.advice.btree import EXACT, Idea
from knowledge.advice.figures import TableFigures
from knowledge.advice.index import Candidate, IndexKey
from knowledge.query.shape_model import Asked, Condition, TableUse
from knowledge.schema import Relation

PARTIAL_SHARE = 0.4
"""Of the rows: a part above which an index over part of them is not worth its special case."""
MAX_INCLUDED = 4
MAX_WIDTH = 200
"""Average bytes of a covering index's entry above which it is not proposed."""

_PREDICATES = frozenset({Asked.EQUAL, Asked.IN, Asked.TRUE, Asked.FALSE, Asked.NULL, Asked.NOT_NULL})


def covering(
    candidate: Candidate, use: TableUse, table: Relation, figures: TableFigures, known: Collection[str] = ()
) -> Candidate | None:
    """The same index with the other columns needed in INCLUDE; ``None`` where it would be too wide.

    ``known`` columns are left out: their value follows from the index's predicate.
    """
    if use.role != "read" or use.whole_row or candidate.method != "btree":
        return None  # holding whole rows, the index would be a second table
    needed = set(use.needed)
    held = {key.column for key in candidate.keys}
    # A column that the index uses in an expression alone must be held as well for an index-only scan.
    more = [column.name for column in table.columns if column.name in needed - held - set(known)]
    virtual = any((column := table.column(name)) is not None and column.generated == "virtual" for name in more)
    width = sum(figures.width(name) for name in (*more, *held) if name)
    if not more or len(more) > MAX_INCLUDED or width > MAX_WIDTH or virtual:
        return None
    why = f"{candidate.why}; all columns needed"
    return replace(candidate, include=tuple(more), kind="covering", why=why, rank=candidate.rank - 12)


def partial(ideas: Iterable[Idea], use: TableUse, table: Relation, figures: TableFigures) -> Iterator[Candidate]:
    """Indexes over the rows of a constant condition alone, keyed by what else is asked."""
    chosen = [condition for condition in use.conditions if _is_predicate(condition, figures)]
    chosen.sort(key=figures.share)
    for condition in chosen[:3]:
        yield from _over([condition], ideas, use, table, figures)
    bound = [condition for condition in chosen if condition.constants]
    free = [condition for condition in chosen if not condition.constants]
    if len(together := [*bound[:1], *free[:2]][:2]) > 1:  # two values at once are met by too few queries
        yield from _over(together, ideas, use, table, figures)


def _over(
    conditions: list[Condition], ideas: Iterable[Idea], use: TableUse, table: Relation, figures: TableFigures
) -> Iterator[Candidate]:
    predicate = " AND ".join(condition.sql for condition in conditions)
    fixed = {condition.key.column for condition in conditions} | {c.key.expression for c in conditions}
    share = 1.0
    for condition in conditions:
        share *= figures.share(condition)
    words = f"only rows with {predicate}"
    seen: set[tuple[IndexKey, ...]] = set()
    for idea in ideas:
        keys = tuple(key for key in idea.keys if (key.column or key.expression) not in fixed)
        if keys and keys not in seen and idea.kind != "alternative":
            seen.add(keys)
            yield Candidate(
                table.qualified,
                keys,
                predicate=predicate,
                kind="partial",
                why=f"{idea.why}; {words}",
                rank=idea.rank + 6 * (PARTIAL_SHARE - share),
            )
    if not seen and table.primary_key:
        keys = tuple(IndexKey(name) for name in table.primary_key)
        rank = 20 + 60 * (PARTIAL_SHARE - share)
        yield Candidate(table.qualified, keys, predicate=predicate, kind="partial", why=words, rank=rank)


def _is_predicate(condition: Condition, figures: TableFigures) -> bool:
    """Whether a condition always holds the same constants and keeps the rarer rows."""
    if condition.test not in _PREDICATES or not condition.sql or not condition.key.column:
        return False
    if condition.test in (Asked.EQUAL, Asked.IN) and not condition.constants:
        return False
    distinct = figures.distinct(condition.key.column)
    if condition.test in EXACT - {Asked.NULL} and distinct > 50:
        return False  # one of many values: the next query will ask for another
    return figures.share(condition) <= PARTIAL_SHARE
