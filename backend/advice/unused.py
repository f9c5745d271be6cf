"""Indexes that could be dropped: duplicates, prefixes of others, and those nothing reads, each checked in the lab."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from backend.advice.workload_model import WeightedQuery
from backend.engines.lab.error import LabError
from knowledge.advice.existing import ExistingIndex, existing_indexes
from knowledge.identifiers import qualified
from knowledge.schema import Index, Relation, Schema

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from backend.advice.laboratory import Trial
    from knowledge.statistics import DatabaseStatistics

EQUAL = 1.001
"""Times a cost that a cost may be and still count as not risen: ties are broken by rounding."""


class DropLab(Protocol):
    """The part of a lab that drop advice uses."""

    @property
    def schema(self) -> Schema:
        """Tables with their indexes."""

    @property
    def statistics(self) -> DatabaseStatistics:
        """Sizes of the indexes."""

    async def cost(self, sql: str) -> tuple[float, frozenset[str]]:
        """Total cost and the indexes used."""

    def what_if(self, *ddl: str, without: Sequence[str] = ()) -> AbstractAsyncContextManager[Trial]:
        """The lab without some indexes."""


@dataclass(frozen=True)
class Drop:
    """An index that no query of the workload would miss."""

    table: str
    """``schema.table``, unquoted."""
    name: str
    reason: str
    """``duplicate``, ``redundant`` (its keys begin another's) or ``unused``."""
    stands_in: str
    """The index that does its work; ``""`` where there is none to do."""
    bytes: int
    scans: int | None
    """``idx_scan`` of the live server since its statistics were reset; ``None`` where it is not known."""
    ddl: str


@dataclass(frozen=True)
class Kept:
    """An index that looked superfluous and is not, with the reason in words."""

    table: str
    name: str
    why: str


@dataclass(frozen=True)
class DropAdvice:
    """What may go, all of it together, and what looked so and stays."""

    drops: tuple[Drop, ...]
    kept: tuple[Kept, ...]
    what_ifs: int


async def advise_drops(
    lab: DropLab,
    queries: Sequence[WeightedQuery],
    *,
    scans: Mapping[str, int] | None = None,
    identity: frozenset[str] = frozenset(),
) -> DropAdvice:
    """Indexes to drop; each is switched off in the lab, with those found before, and no query's cost may rise.

    Args:
        lab: where plans are made.
        queries: the whole workload: what it does not have cannot be seen to suffer.
        scans: ``idx_scan`` of ``pg_stat_user_indexes`` by ``schema.index``; where given, an index that was scanned
            is not called unused.
        identity: ``schema.index`` of the indexes that are a table's replica identity.

    Raises:
        LabError: a query cannot be planned.
    """
    before = [await lab.cost(query.sql) for query in queries]
    read = frozenset[str]().union(*(names for _, names in before))
    what_ifs, drops, kept = len(queries), list[Drop](), list[Kept]()
    for table in lab.schema.tables:
        for old, reason, other in _suspects(table, read, scans):
            needed = needed_for(table, old.index, lab.schema, identity, other)
            if needed:
                kept.append(Kept(table.qualified, old.index.name, needed))
                continue
            name = f"{table.schema}.{old.index.name}"
            try:
                async with lab.what_if(without=[*(f"{_home(drop)}.{drop.name}" for drop in drops), name]) as without:
                    after = [await without.cost(query.sql) for query in queries]
            except LabError as error:
                kept.append(Kept(table.qualified, old.index.name, f"it could not be switched off: {error.message}"))
                continue
            what_ifs += len(queries)
            worse = [
                number + 1
                for number, ((was, _), (cost, _)) in enumerate(zip(before, after, strict=True))
                if cost > was * EQUAL
            ]
            if worse:
                words = f"without it {'queries' if len(worse) > 1 else 'query'} {_listed(worse)} cost more"
                kept.append(Kept(table.qualified, old.index.name, words))
                continue
            known = lab.statistics.by_name.get(name)
            drops.append(
                Drop(
                    table.qualified,
                    old.index.name,
                    reason,
                    other.index.name if other is not None else "",
                    known.bytes if known is not None else 0,
                    scans.get(name, 0) if scans is not None else None,
                    f"DROP INDEX CONCURRENTLY {qualified(table.schema, old.index.name)}",
                )
            )
    return DropAdvice(tuple(drops), tuple(kept), what_ifs)


def needed_for(
    table: Relation, index: Index, schema: Schema, identity: frozenset[str], other: ExistingIndex | None = None
) -> str:
    """What an index is for beside being read by queries, in words; ``""`` for nothing.

    Args:
        table: the index's table.
        index: the index.
        schema: all tables.
        identity: ``schema.index`` of replica identities.
        other: an index that stays and could do its reading.
    """
    if index.constraint or index.primary:
        return f"it enforces the constraint {index.constraint or index.name}"
    if index.unique:
        return "it keeps its columns unique"
    if f"{table.schema}.{index.name}" in identity:
        return "it is the table's replica identity"
    if table.partition_of or table.partitioned:
        return "it belongs to the index of a partitioned table"
    if other is not None or index.partial:
        return ""
    for key in table.constraints_of("foreign"):
        if set(index.columns[: len(key.columns)]) == set(key.columns) and not _supported(table, index, key.columns):
            return f"rows of {key.target} are deleted and changed by its help (foreign key {key.name})"
    return ""


def _supported(table: Relation, but: Index, columns: tuple[str, ...]) -> bool:
    """Whether another index of the table begins with these columns."""
    others = (each for each in table.indexes if each.name != but.name and each.valid and not each.partial)
    return any(set(each.columns[: len(columns)]) == set(columns) for each in others)


def _suspects(
    table: Relation, read: frozenset[str], scans: Mapping[str, int] | None
) -> Iterator[tuple[ExistingIndex, str, ExistingIndex | None]]:
    """Indexes that look superfluous, why, and what stands in for them: duplicates first, of two only one."""
    indexes = list(existing_indexes(table))
    left = dict(enumerate(indexes))
    for place, old in enumerate(indexes):
        twin = next((each for n, each in left.items() if n != place and _same(old, each) and _later(old, each)), None)
        if twin is not None:
            del left[place]
            yield old, "duplicate", twin
    for place, old in list(left.items()):
        wider = next((each for n, each in left.items() if n != place and _begins(old, each)), None)
        if wider is not None:
            del left[place]
            yield old, "redundant", wider
    for old in left.values():
        if old.index.name not in read and (scans is None or not scans.get(f"{table.schema}.{old.index.name}", 0)):
            yield old, "unused", None


def _later(old: ExistingIndex, other: ExistingIndex) -> bool:
    """Of two duplicates the one that enforces nothing goes, else the one whose name comes later in the alphabet."""
    firm, other_firm = (each.index.unique or bool(each.index.constraint) for each in (old, other))
    return other_firm if firm != other_firm else old.index.name > other.index.name


def _same(old: ExistingIndex, other: ExistingIndex) -> bool:
    """Whether they have the same parts over the same rows."""
    a, b = old.shape, other.shape
    return (a.method, a.keys, set(a.include), a.predicate) == (b.method, b.keys, set(b.include), b.predicate)


def _begins(old: ExistingIndex, other: ExistingIndex) -> bool:
    """Whether the other B-tree's keys begin with these, over the same rows, and it holds all columns."""
    a, b = old.shape, other.shape
    if a.method != "btree" or b.method != "btree" or a.predicate != b.predicate:
        return False
    held = {key.column for key in b.keys} | set(b.include)
    return b.keys[: len(a.keys)] == a.keys and set(a.include) <= held


def _home(drop: Drop) -> str:
    return drop.table.partition(".")[0]


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(str(number) for number in numbers)
