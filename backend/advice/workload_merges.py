"""Indexes that do the work of two: keys of one beginning those of the other, included columns of both."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import permutations

from knowledge.advice.index import Candidate

MAX_KEYS = 4
MAX_COLUMNS = 8
"""Keys and included columns of a merged index."""


def merges(candidates: Iterable[Candidate]) -> Iterator[Candidate]:
    """For every two B-trees on the same rows of a table, what could stand in for both; none twice.

    They are unnamed, and ideas like any other.
    """
    trees = [each for each in candidates if each.method == "btree"]
    seen = {each.identity for each in trees}
    for first, second in permutations(trees, 2):
        if (first.table, first.predicate) != (second.table, second.predicate):
            continue
        merged = _merged(first, second)
        if merged is not None and merged.identity not in seen:
            seen.add(merged.identity)
            yield merged


def _merged(first: Candidate, second: Candidate) -> Candidate | None:
    """The keys of ``first``, then what ``second`` has more."""
    names = [key.column or key.expression for key in first.keys]
    more = tuple(key for key in second.keys if (key.column or key.expression) not in names)
    nested = second.keys[: len(first.keys)] == first.keys or not second.include
    if len(first.keys) + len(more) > MAX_KEYS or not (nested or not more):
        # Keys that are not needed in order serve as included columns.
        columns = tuple(key.column for key in more if key.column)
        if len(columns) < len(more):
            return None
        keys, extra = first.keys, columns
    else:
        keys, extra = (*first.keys, *more), ()
    held = {key.column for key in keys}
    include = tuple(dict.fromkeys(c for c in (*first.include, *second.include, *extra) if c not in held))
    if len(keys) + len(include) > MAX_COLUMNS:
        return None
    words = f"merged: {first.why}; {second.why}"
    return replace(first, keys=keys, include=include, kind="merged", why=words, name="", rank=first.rank)
