"""Trials of index candidates for one query: what was tried is remembered, what was refused is noted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from backend.advice.collation import prefix_columns, served_by_bytes
from backend.advice.laboratory import Laboratory, Trial
from backend.engines.lab.error import LabError
from knowledge.advice.index import Candidate
from knowledge.advice.write_cost import blocking_columns, maintenance
from knowledge.plan.model import Plan
from knowledge.query.shape_model import QueryShape


@dataclass(frozen=True)
class Writing:
    """What the query itself writes: ``rows`` of ``table``."""

    table: str = ""
    rows: float = 0.0
    role: str = "read"
    changed: frozenset[str] = frozenset()

    def charge(self, candidate: Candidate, size: int, height: int) -> float:
        """Planner's units that keeping this index up costs the query."""
        if candidate.table != self.table:
            return 0.0
        if self.role in ("update", "merge") and not self.changed & blocking_columns(candidate):
            return 0.0
        return maintenance(self.rows, size, height)


@dataclass(frozen=True)
class Outcome:
    """What became of the query with a set of candidates."""

    candidates: frozenset[Candidate]
    planned: float
    """The planner's total cost."""
    upkeep: float
    """Planner's units that the query spends on keeping the candidates up."""
    used: frozenset[Candidate]
    sizes: Mapping[str, tuple[int, int]]
    """Bytes and height of each, by name."""

    @property
    def cost(self) -> float:
        """Both together: what counts."""
        return self.planned + self.upkeep

    @property
    def bytes(self) -> int:
        """Size of all."""
        return sum(size for size, _ in self.sizes.values())


@dataclass
class Trials:
    """Tries sets of candidates in ``laboratory``; the text of the query is never touched."""

    laboratory: Laboratory
    sql: str
    shape: QueryShape
    writing: Writing = Writing()
    check_use: bool = True
    """Only turned off to show what the check is for."""
    count: int = 0
    """Trials made."""
    refused: dict[Candidate, str] = field(default_factory=dict)
    _known: dict[frozenset[Candidate], Outcome | None] = field(default_factory=dict)

    async def outcome(self, candidates: Iterable[Candidate]) -> Outcome | None:
        """The query's cost with these indexes; ``None`` where one of them was refused."""
        chosen = frozenset(candidates)
        if chosen not in self._known:
            self._known[chosen] = await self._tried(chosen)
        return self._known[chosen]

    async def plan(self, candidates: Iterable[Candidate], without: Sequence[str] = ()) -> Plan:
        """The whole plan with these indexes."""
        self.count += 1
        ddl = [each.ddl for each in _ordered(candidates)]
        async with self.laboratory.what_if(*ddl, without=without) as trial:
            return await trial.explain(self.sql)

    async def _tried(self, chosen: frozenset[Candidate]) -> Outcome | None:
        ordered = _ordered(chosen)
        if any(each in self.refused for each in ordered):
            return None
        self.count += 1
        try:
            async with self.laboratory.what_if(*(each.ddl for each in ordered)) as trial:
                planned, names = await trial.cost(self.sql)
                used = self._used(ordered, names)
                doubtful = await self._by_bytes(trial, used)
                sizes = {index.name: (index.bytes, index.height) for index in trial.indexes}
        except LabError as error:
            if len(ordered) == 1:
                self.refused[ordered[0]] = error.message
            return None
        if doubtful:
            words = "LIKE can use it only where strings are ordered byte by byte (collation C)"
            self.refused.update(dict.fromkeys(doubtful, words))
            return None
        upkeep = sum(self.writing.charge(each, *sizes[each.name]) for each in ordered)
        return Outcome(chosen, planned, upkeep, used, sizes)

    def _used(self, ordered: Sequence[Candidate], names: frozenset[str]) -> frozenset[Candidate]:
        """Candidates in the plan. Indexes of partitions have names of their own: there any new name counts."""
        if not self.check_use:
            return frozenset(ordered)
        known = {name for _, name in self.laboratory.schema.index_names}
        foreign = names - known - {each.name for each in ordered}
        tables = self.laboratory.schema.by_name
        parts = {each for each in ordered if foreign and tables[each.table].partitioned}
        return frozenset(each for each in ordered if each.name in names) | parts

    async def _by_bytes(self, trial: Trial, used: frozenset[Candidate]) -> set[Candidate]:
        columns = prefix_columns(self.shape)
        suspects = {
            each
            for each in used
            if any(not k.operator_class and (k.column or k.expression) in columns for k in each.keys)
        }
        if not suspects or not self.check_use:
            return set()
        doubtful = served_by_bytes(await trial.explain(self.sql), columns)
        return {each for each in suspects if each.name in doubtful}


def _ordered(candidates: Iterable[Candidate]) -> list[Candidate]:
    return sorted(candidates, key=lambda each: each.name)
