"""B-tree ideas: from equality, ranges, joins, order and groups, alone and together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, permutations
from math import log10

from knowledge.advice.figures import TableFigures
from knowledge.advice.index import IndexKey
from knowledge.query.shape_model import Asked, Condition, Key, SortKey, TableUse
from knowledge.schema import Relation

MAX_KEYS = 4
"""Key parts of a proposed index."""
MAX_ORDERS = 6
"""Orders of the same equality columns that are proposed."""
TELLING_SHARE = 0.5
"""Of the rows: what a condition may keep to be worth a key part."""
MAX_JOINS = 4
"""Join columns of one mention that are combined with its conditions."""

EXACT = frozenset({Asked.EQUAL, Asked.TRUE, Asked.FALSE, Asked.NULL, Asked.IN})
_NOT_IN_BTREES = ("json", "xml", "point", "box", "polygon", "circle", "line", "lseg", "path")
_PATTERNS = {"text": "text_pattern_ops", "character varying": "varchar_pattern_ops", "character": "bpchar_pattern_ops"}


@dataclass(frozen=True)
class Idea:
    """Key parts in order, what they are for, and how promising that is."""

    keys: tuple[IndexKey, ...]
    kind: str
    why: str
    rank: float


class BtreeIdeas:
    """All B-tree key lists for one mention of a table."""

    def __init__(self, use: TableUse, table: Relation, figures: TableFigures) -> None:
        self._use, self._table, self._figures = use, table, figures

    def all(self) -> Iterator[Idea]:
        """The ideas, the same one perhaps twice."""
        yield from self.for_conditions(self._use.conditions)
        for arm in self._use.alternatives:
            for idea in self.for_conditions(arm):
                yield Idea(idea.keys, "alternative", f"one side of an OR: {idea.why}", idea.rank)
        yield from self._for_joins()
        yield from self._for_order()
        yield from self._for_groups()

    def for_conditions(self, conditions: Sequence[Condition]) -> Iterator[Idea]:
        """Equality columns in several orders, each range after them, the order of the result after them."""
        exact, ranges = self.exact(conditions), self.ranges(conditions)
        rank = self._rank(exact)
        for place, chosen in enumerate(self._orders([condition.key for condition in exact])):
            keys = self._parts(chosen)
            why = f"equality on {_listed(chosen)}"
            if keys:
                yield Idea(keys, "equality", why, rank - place)
            for condition, part in ranges:
                yield Idea((*keys, part), "range", _and(why, f"range on {condition.key}", bool(keys)), rank + 2 - place)
        for condition in conditions:
            if condition.test in EXACT and self._fits(condition.key):
                parts = self._parts([condition.key])
                yield Idea(parts, "equality", f"equality on {condition.key}", self._rank([condition]) - 1)
        for condition, part in ranges:
            yield Idea((part,), "range", f"range on {condition.key}", 20)

    def exact(self, conditions: Iterable[Condition]) -> list[Condition]:
        """Conditions that hold for one value of a B-tree's key, the most selective first.

        One that most rows meet is left out: it makes an index no more selective, and the planner, which takes
        the first column's correlation for the whole index's, likes it too well.
        """
        found = {c.key: c for c in conditions if c.test in EXACT and self._fits(c.key)}
        telling = [c for c in found.values() if self._figures.share(c) <= TELLING_SHARE]
        return sorted(telling, key=self._figures.share)[:MAX_KEYS]

    def ranges(self, conditions: Iterable[Condition]) -> list[tuple[Condition, IndexKey]]:
        """Conditions for which part of a B-tree is read, with the key part that can do it."""
        found = []
        for condition in conditions:
            if condition.test is Asked.RANGE and self._fits(condition.key):
                found.append((condition, part_of(condition.key)))
            elif condition.test is Asked.PREFIX and self._fits(condition.key):
                found.append(
                    (condition, IndexKey(condition.key.column, condition.key.expression, self._pattern(condition)))
                )
        return found[:MAX_KEYS]

    def _for_joins(self) -> Iterator[Idea]:
        exact, ranges = self.exact(self._use.conditions), self.ranges(self._use.conditions)
        joins = list(dict.fromkeys(join.key for join in self._use.joins if self._fits(join.key)))[:MAX_JOINS]
        for place, key in enumerate(joins):
            part, why = part_of(key), f"join on {key}"
            others = [c.key for c in exact if c.key != key][: MAX_KEYS - 1]
            yield Idea((part,), "join", why, 60 - place)
            if others:
                keys = self._parts(others)
                more = f"{why}, equality on {_listed(others)}"
                yield Idea((part, *keys), "join", more, 58 - place)
                yield Idea((*keys, part), "join", more, 57 - place)
            for condition, after in ranges:
                if condition.key != key:
                    yield Idea((part, after), "join", f"{why}, range on {condition.key}", 45 - place)
                    yield Idea((after, part), "join", f"range on {condition.key}, {why}", 40 - place)
            if sort := self._sort_after([key]):
                yield Idea((part, *sort), "sort", f"{why}, in the order wanted", 50 - place)
        by_other: dict[int, list[Key]] = {}
        for join in self._use.joins:
            by_other.setdefault(join.other, []).append(join.key)
        for keys_together in by_other.values():
            together = [key for key in dict.fromkeys(keys_together) if self._fits(key)][:MAX_KEYS]
            if len(together) > 1:
                yield Idea(self._parts(together), "join", f"join on {_listed(together)}", 61)

    def _for_order(self) -> Iterator[Idea]:
        exact = [c.key for c in self.exact(self._use.conditions)]
        single = [c.key for c in self.exact(self._use.conditions) if c.test is not Asked.IN]
        bonus = 25 if self._use.limited else 0
        for before in (single, exact, []):
            sort = self._sort_after(before)
            if not sort:
                continue
            keys = (*self._parts(before), *sort)[: MAX_KEYS + 1]
            words = _and(f"equality on {_listed(before)}", f"order by {_named(sort)}", bool(before))
            rank = 35 + bonus + (25 if before else 0)
            yield Idea(keys, "sort", words, rank)
            held = {key.column for key in keys}
            for condition, part in self.ranges(self._use.conditions):
                if condition.key.column not in held and len(keys) <= MAX_KEYS:
                    yield Idea((*keys, part), "sort", f"{words}, filter on {condition.key}", rank - 5)
        for key in self._use.extremes:
            if self._fits(key):
                keys = (*self._parts([other for other in exact if other != key]), part_of(key))
                yield Idea(keys, "sort", f"smallest or largest {key}", 55)

    def _for_groups(self) -> Iterator[Idea]:
        exact = [c.key for c in self.exact(self._use.conditions)]
        for group in self._use.groups:
            keys = [key for key in group if self._fits(key)][:MAX_KEYS]
            if keys:
                yield Idea(self._parts(keys), "group", f"groups of {_listed(keys)}", 30)
                before = [key for key in exact if key not in keys]
                if before:
                    words = f"equality on {_listed(before)}, groups of {_listed(keys)}"
                    yield Idea((*self._parts(before), *self._parts(keys)), "group", words, 32)

    def _sort_after(self, fixed: list[Key]) -> tuple[IndexKey, ...]:
        """The order wanted, without what has one value; read backwards where that is plainer."""
        keys = [item for item in self._use.sort if item.key not in fixed]
        if not keys or not all(self._fits(item.key) for item in keys):
            return ()
        parts = tuple(_sorted_part(item) for item in keys[:MAX_KEYS])
        flipped = tuple(part.flipped() for part in parts)
        return min((parts, flipped), key=lambda these: sum(len(part.sql) for part in these))

    def _orders(self, keys: list[Key]) -> list[list[Key]]:
        """The keys as they are, then in other orders."""
        if not keys:
            return [[]]
        return [list(each) for each in islice(permutations(keys), MAX_ORDERS if len(keys) <= 3 else 1)]

    def _parts(self, keys: Iterable[Key]) -> tuple[IndexKey, ...]:
        return tuple(part_of(key) for key in keys)

    def _rank(self, conditions: list[Condition]) -> float:
        """From 20 for a filter that keeps everything to 70 for one that keeps a millionth."""
        share = 1.0
        for condition in conditions:
            share *= max(self._figures.share(condition), 1e-6)
        return 20 + 50 * min(1.0, -log10(share) / 6) + (15 if conditions else 0)

    def _fits(self, key: Key) -> bool:
        """Whether a B-tree can hold it."""
        column = self._table.column(key.column)
        if column is None:
            return bool(key.expression)
        return not column.type.startswith(_NOT_IN_BTREES) and column.generated != "virtual"

    def _pattern(self, condition: Condition) -> str:
        """The operator class that serves LIKE whatever the collation."""
        column = self._table.column(condition.key.column)
        kind = column.type.partition("(")[0] if column is not None else "text"
        return _PATTERNS.get(kind, "text_pattern_ops")


def part_of(key: Key) -> IndexKey:
    """A key as a part of an index."""
    return IndexKey(key.column, key.expression)


def _sorted_part(item: SortKey) -> IndexKey:
    return IndexKey(item.key.column, item.key.expression, "", item.descending, item.nulls_first)


def _listed(keys: Iterable[Key]) -> str:
    return ", ".join(str(key) for key in keys)


def _named(keys: Iterable[IndexKey]) -> str:
    return ", ".join(key.sql for key in keys)


def _and(first: str, second: str, both: bool) -> str:
    return f"{first}, {second}" if both else second
