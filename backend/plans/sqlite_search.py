"""The few indexes of all ideas that SQLite uses and that rid the plan of something: each tried in the lab."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from backend.engines.sqlite_lab import SqliteLabError
from backend.plans.sqlite_bench import Bench
from backend.plans.sqlite_indexes import SqliteIndex
from backend.plans.sqlite_weight import Scales, Tally
from knowledge.plan.model import Plan

MOST = 3
"""Indexes recommended at most."""
BEAM = 3
"""Sets that are carried on from one size to the next."""
PAIRED = 10
"""Ideas that are tried in pairs where none helps alone."""


@dataclass(frozen=True)
class Trial:
    """A set of indexes, the plan with it, and what is wrong with that."""

    indexes: tuple[SqliteIndex, ...]
    plan: Plan
    tally: Tally
    unused: tuple[str, ...] = ()

    @property
    def order(self) -> tuple[object, ...]:
        """The better first; among equals the smaller indexes."""
        sizes = sorted(index.size for index in self.indexes)
        parts, keys = sum(size[0] for size in sizes), sum(size[1] for size in sizes)
        return self.tally.weight, len(self.indexes), parts, keys, sum(size[2] for size in sizes), self.names

    @property
    def names(self) -> tuple[str, ...]:
        """Of the indexes."""
        return tuple(sorted(index.idea.name for index in self.indexes))


class Search:
    """Tries sets of indexes for one query.

    Args:
        bench: where they are built and the query is planned.
        scales: for its plans.
        partial: existing indexes over part of the rows, with their share of them.
        check: whether an index must be in the plan and improve it; turned off only to show what that is for.
    """

    def __init__(
        self,
        bench: Bench,
        scales: Scales,
        partial: Mapping[str, float],
        *,
        check: bool = True,
    ) -> None:
        self._bench, self._scales, self._partial, self._check = bench, scales, partial, check
        self.refused: dict[str, str] = {}
        """Single indexes that SQLite did not make, with its words."""
        self._known: dict[tuple[str, ...], Trial | None] = {}

    @property
    def plans(self) -> int:
        """Times the query was planned."""
        return len(self._known)

    async def best(self, ideas: Sequence[SqliteIndex]) -> tuple[Trial, Trial]:
        """The plan without new indexes, and the best with the fewest and smallest; the same where none helps."""
        first = await self.trial(())
        if first is None:
            raise SqliteLabError("the query cannot be planned")
        if not self._check:
            return first, await self.trial(ideas[:1]) or first
        best, beam = first, [first]
        for _ in range(MOST):
            if not any(best.tally.weight.faults):
                break
            found = [trial for base in beam for trial in await self._wider(base, [(idea,) for idea in ideas])]
            if not found and best is first:  # the arms of an OR take an index each
                found = await self._wider(first, combinations(ideas[:PAIRED], 2))
            wider = {trial.names: trial for trial in found}
            if not wider:
                break
            beam = sorted(wider.values(), key=lambda trial: trial.order)[:BEAM]
            best = min(best, beam[0], key=lambda trial: trial.order)
        return first, await self._fewest(best)

    async def _wider(self, base: Trial, added: Iterable[tuple[SqliteIndex, ...]]) -> list[Trial]:
        """Larger sets in which every index is used and that rid the plan of something more."""
        found = []
        for more in added:
            if not set(more) & set(base.indexes):
                trial = await self.trial((*base.indexes, *more))
                if trial is not None and not trial.unused and _is_better(trial.tally, base.tally):
                    found.append(trial)
        return found

    async def _fewest(self, best: Trial) -> Trial:
        """Leave out each index without which the plan is as good."""
        for index in best.indexes:
            less = await self.without(best, index)
            if less is not None and less.tally.weight.faults <= best.tally.weight.faults:
                return await self._fewest(less)
        return best

    async def without(self, trial: Trial, index: SqliteIndex) -> Trial | None:
        """The same set without one of its indexes."""
        return await self.trial([each for each in trial.indexes if each is not index])

    async def trial(self, indexes: Sequence[SqliteIndex]) -> Trial | None:
        """Build the indexes and plan the query; ``None`` where SQLite refuses one of them."""
        made = tuple(sorted(index.ddl for index in indexes))
        if made not in self._known:
            self._known[made] = await self._tried(tuple(indexes))
        return self._known[made]

    async def _tried(self, indexes: tuple[SqliteIndex, ...]) -> Trial | None:
        try:
            plan = await self._bench.plan(indexes)
        except SqliteLabError as error:
            if len(indexes) == 1:
                self.refused[indexes[0].ddl] = str(error)
            return None
        partial = {**self._partial, **{index.idea.name: index.part for index in indexes if index.idea.predicate}}
        used = {node.index for node in plan.nodes}
        unused = tuple(index.idea.name for index in indexes if index.idea.name not in used)
        return Trial(indexes, plan, self._scales.tally(plan, partial), unused)


def _is_better(new: Tally, old: Tally) -> bool:
    """Whether a plan is rid of a fault that SQLite's own words show, and has no worse one by our reckoning."""
    return new.weight.faults < old.weight.faults and new.visible < old.visible
