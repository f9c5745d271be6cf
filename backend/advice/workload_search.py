"""An anytime search for the set of indexes that saves most within a storage budget."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random

from backend.advice.workload_costs import NOTHING, OutOfTimeError, WorkloadCosts
from backend.advice.workload_plans import Names

LEAST_SHARE = 2e-4
"""Of the workload's cost: what an index must save to be worth having."""
GREEDINESS = (1.0, 0.6, 0.3)
"""Powers of an index's size by which its saving is divided: 1 favours small ones, 0 the greatest saving."""
PATIENCE = 25
"""Changes in a row that improve nothing, after which the search ends."""
ROUNDS = 40
"""Times the indexes a query uses are taken away to see what it uses then."""


class WorkloadSearch:
    """The best set so far is ``best``, whenever the clock ends the search.

    Args:
        costs: of sets of indexes.
        budget: bytes all indexes together may take.
        start: cost of the workload without any.
        seed: of the random changes.
    """

    def __init__(self, costs: WorkloadCosts, budget: int, start: float, seed: int = 0) -> None:
        self.best: Names = NOTHING
        self.best_cost = start
        self._costs, self._budget, self._least = costs, budget, start * LEAST_SHARE
        self._random = Random(seed)
        self._bundles: dict[Names, float] = {}

    async def find_useful(self, query: int) -> Names:
        """The indexes that ever come up in the query's plan when what it used before is taken away.

        Raises:
            OutOfTimeError: time is up.
        """
        fitting = frozenset(name for name in self._costs.touching(query) if self._fits(frozenset((name,))))
        self._costs.set_useful(query, self._costs.touching(query))
        left, useful = fitting, set[str]()
        weight = self._costs.queries[query].weight
        before = (await self._costs.plan(query, NOTHING)).cost
        for _ in range(ROUNDS):
            plan = await self._costs.plan(query, left)
            if not plan.used:
                break
            useful |= plan.used
            left -= plan.used
            gain = weight * (before - plan.cost)
            if gain >= self._least and self._fits(plan.used):
                self._bundles[plan.used] = max(gain, self._bundles.get(plan.used, 0.0))
        return frozenset(useful)

    async def find_all_useful(self) -> list[Names]:
        """:meth:`find_useful` for every query, as far as time allows; the search keeps to what was found."""
        found = []
        for query in range(len(self._costs.queries)):
            try:
                found.append(await self.find_useful(query))
            except OutOfTimeError:
                break
            self._costs.set_useful(query, found[-1])
        return found

    async def begin(self) -> bool:
        """A first, quick answer; returns whether there was time for all of it."""
        try:
            await self._take(self._guess())
            await self._filled(NOTHING, GREEDINESS[0])
        except OutOfTimeError:
            return False
        return True

    async def finish(self) -> None:
        """Leave out of the best set what saves next to nothing.

        Raises:
            OutOfTimeError: time is up; the best set is as good as before.
        """
        chosen = await self._pruned(self.best)
        self.best, self.best_cost = chosen, await self._costs.total(chosen)

    async def run(self) -> bool:
        """Search until nothing better is found or the clock says stop; returns whether it ended by itself."""
        try:
            for power in GREEDINESS:
                await self._take(await self._pruned(await self._filled(NOTHING, power)))
            await self._improve()
        except OutOfTimeError:
            return False
        return True

    async def _take(self, chosen: Names) -> bool:
        """Keep a set if it is the best so far."""
        cost = await self._costs.total(chosen)
        if cost < self.best_cost - 1e-9 * self.best_cost and self._fits(chosen):
            self.best, self.best_cost = chosen, cost
            return True
        return False

    async def _filled(self, start: Names, power: float, barred: Names = NOTHING) -> Names:
        """Add, one after the other, what saves most for its size, as long as there is room.

        What was worth less than another's present saving when last looked at is not looked at again before that one
        is taken (lazy greedy).
        """
        current, cost = start, await self._costs.total(start)
        moves = {bundle: gain for bundle, gain in self._moves().items() if not bundle & barred}
        while True:
            value, fresh = {}, set[Names]()
            for bundle, gain in moves.items():
                new = bundle - current
                if new and gain >= self._least and self._fits(current | new):
                    value[bundle] = gain / max(self._costs.bytes(new), 8192) ** power
            while value:
                bundle = max(value, key=lambda each: (value[each], sorted(each)))
                if bundle in fresh:
                    break
                fresh.add(bundle)
                gain = cost - await self._costs.total(current | bundle)
                moves[bundle] = gain
                if gain < self._least:
                    del value[bundle]
                else:
                    value[bundle] = gain / max(self._costs.bytes(bundle - current), 8192) ** power
            if not value:
                return current
            current |= bundle
            cost = await self._costs.total(current)
            await self._take(current)

    async def _pruned(self, chosen: Names) -> Names:
        """Leave out what saves next to nothing, the most useless first."""
        current, cost = chosen, await self._costs.total(chosen)
        while current:
            losses = {name: await self._costs.total(current - {name}) - cost for name in sorted(current)}
            name = min(losses, key=lambda each: (losses[each], -self._costs.built[each].bytes))
            if losses[name] >= self._least:
                break
            current -= {name}
            cost += losses[name]
        return current

    def _guess(self) -> Names:
        """What fits of the indexes that saved a query most for their size: found without planning anything."""
        chosen = NOTHING
        density = {names: gain / max(self._costs.bytes(names), 8192) for names, gain in self._bundles.items()}
        for names in sorted(density, key=lambda each: (-density[each], sorted(each))):
            # What begins with the same keys does much the same.
            taken = {self._costs.built[name].candidate.keys[0] for name in chosen}
            firsts = {self._costs.built[name].candidate.keys[0] for name in names}
            if not firsts <= taken and self._fits(chosen | names):
                chosen |= names
        return chosen

    async def _improve(self) -> None:
        """Take out one index, then two or three at random, and fill the room anew; keep what is better."""
        failures = 0
        while failures < PATIENCE and self.best:
            before = self.best
            for name in sorted(before, key=lambda each: -self._costs.bytes(frozenset((each,)))):
                for power in GREEDINESS:
                    await self._changed(frozenset((name,)), power)
                if self.best != before:
                    break
            if self.best != before:
                failures = 0
                continue
            names = sorted(self.best)
            count = min(len(names), self._random.choice((2, 2, 3)))
            out = frozenset(self._random.sample(names, count))
            improved = await self._changed(out, self._random.choice(GREEDINESS))
            failures = 0 if improved else failures + 1

    async def _changed(self, out: Names, power: float) -> bool:
        start = self.best - out
        barred = out if self._random.random() < 0.7 or len(out) == 1 else NOTHING
        return await self._take(await self._pruned(await self._filled(start, power, barred)))

    def _moves(self) -> dict[Names, float]:
        """What may be added at once: what plans used, together and one by one, with the savings hoped for."""
        moves: dict[Names, float] = {}
        for bundle, gain in self._bundles.items():
            moves[bundle] = moves.get(bundle, 0.0) + gain
        for bundle, gain in self._bundles.items():
            for name in bundle:
                single = frozenset((name,))
                moves[single] = moves.get(single, 0.0) + (gain if bundle != single else 0.0)
        # The hope must not be less than the truth, or it would never be looked at.
        return {bundle: gain * 4 for bundle, gain in moves.items()}

    def _fits(self, names: Iterable[str]) -> bool:
        return self._costs.bytes(frozenset(names)) <= self._budget
