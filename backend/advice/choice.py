"""Which of the candidates to advise: only what is used, worth its place, and not simply replaced by less."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from backend.advice.trials import Outcome, Trials
from knowledge.advice.index import Candidate

MAX_TOGETHER = 12
"""Candidates built at the same time."""
MAX_SIMPLER = 12
"""Simpler indexes tried in the place of one."""


@dataclass(frozen=True)
class Demands:
    """What an index must bring to be advised."""

    share: float = 0.10
    """Of the query's cost without it."""
    floor: float = 25.0
    """In the planner's units: about 25 pages read in a row. No index pays on a table of a few pages."""
    near: float = 0.03
    """Costs that differ by this share of the lower one are equal, and the simpler index is taken."""
    spare: float = 0.005
    """As much of the saving is given up for a simpler index, but no more than twice the ``floor``: a dozen pages."""

    def met(self, before: float, after: float) -> bool:
        """Whether a cost fell enough."""
        return before - after >= max(self.floor, self.share * before)

    def equal_to(self, cost: float, before: float) -> float:
        """The highest cost that counts as equal to ``cost``, where it was ``before`` without any index."""
        return cost + max(1.0, self.near * cost, min(self.spare * (before - cost), 2 * self.floor))


@dataclass(frozen=True)
class Choice:
    """The indexes chosen, and what all candidates brought one by one."""

    outcome: Outcome | None
    best_single: Outcome | None
    """The cheapest with one candidate that the plan uses, enough or not."""
    used: int
    """Candidates that the planner used when they stood alone."""


async def choose(
    trials: Trials, candidates: Sequence[Candidate], before: float, demands: Demands, limit: int
) -> Choice:
    """Try the candidates alone and together.

    Args:
        trials: where.
        candidates: best first.
        before: the query's cost without any.
        demands: what each must bring.
        limit: how many at most.
    """
    singles = [outcome for each in candidates if (outcome := await trials.outcome([each])) is not None]
    used = sorted((outcome for outcome in singles if outcome.used), key=lambda outcome: outcome.cost)
    pool = [next(iter(outcome.candidates)) for outcome in used]
    finalists: list[Outcome] = []
    for start in await _starts(trials, used, candidates):
        pruned = await _pruned(trials, start, before, demands, limit)
        if pruned is not None:
            simple = await _simplified(trials, pruned, pool, demands.equal_to(pruned.cost, before))
            again = await _pruned(trials, simple, before, demands, limit)
            finalists += [again] if again is not None else []
    best = min((outcome.cost for outcome in finalists), default=0.0)
    near = [outcome for outcome in finalists if outcome.cost <= demands.equal_to(best, before)]
    chosen = min(near, key=lambda each: (len(each.candidates), _burden(each), each.bytes), default=None)
    return Choice(chosen, used[0] if used else None, len(used))


async def _starts(trials: Trials, used: Sequence[Outcome], candidates: Sequence[Candidate]) -> list[Outcome]:
    """Where to begin: the best single index, and what the planner picks from many at once."""
    starts = list(used[:1])
    together = [next(iter(outcome.candidates)) for outcome in used[: MAX_TOGETHER // 2]]
    # Both sides of an OR need an index before either is used; of a join often too.
    seen = {each.table for each in together}
    others = [each for each in candidates if each not in together and each not in trials.refused]
    paired = [each for each in others if each.kind in ("alternative", "trigram", "document", "array", "full text")]
    elsewhere = [each for each in others if each.table not in seen and each not in paired]
    together += (paired + elsewhere)[: MAX_TOGETHER - len(together)]
    if len(together) > 1:
        outcome = await trials.outcome(together)
        if outcome is not None and len(outcome.used) > 1:
            picked = await trials.outcome(outcome.used)
            starts += [picked] if picked is not None else []
    return starts


async def _pruned(trials: Trials, start: Outcome, before: float, demands: Demands, limit: int) -> Outcome | None:
    """Leave out, one after the other, the index whose absence costs least, until each is worth its place."""
    current = start
    while current.candidates:
        losses: list[tuple[float, bool, Outcome | None]] = []
        for each in sorted(current.candidates, key=lambda one: one.name):
            rest = current.candidates - {each}
            without = await trials.outcome(rest) if rest else None
            cost = without.cost if without is not None else before
            worth = each in current.used and demands.met(cost, current.cost)
            losses.append((cost - current.cost, worth, without))
        if all(worth for _, worth, _ in losses) and len(current.candidates) <= limit:
            return current
        _, _, least = min(losses, key=lambda loss: (loss[1], loss[0]))
        if least is None:
            return None
        current = least
    return None


async def _simplified(trials: Trials, start: Outcome, pool: Iterable[Candidate], bound: float) -> Outcome:
    """Put a simpler or smaller index in the place of each where the cost stays about the same."""
    current = start
    for each in sorted(start.candidates, key=lambda one: one.name):
        rest = current.candidates - {each}
        others = [other for other in pool if other.table == each.table and other not in current.candidates]
        options = [current]
        for other in sorted(others, key=lambda one: _weight(one))[:MAX_SIMPLER]:
            if _weight(other) <= _weight(each):
                outcome = await trials.outcome(rest | {other})
                if outcome is not None and other in outcome.used and outcome.cost <= bound:
                    options.append(outcome)
        current = min(options, key=lambda option: (_burden(option), option.bytes, option.cost))
    return current


def _weight(candidate: Candidate) -> tuple[int, int]:
    """How much there is to an index: nothing included is best, then fewer columns and conditions.

    A predicate on a value binds the index to that value; IS NULL or a boolean column is usually asked for always.
    """
    bound = any(sign in candidate.predicate for sign in ("=", "IN ("))
    return int(bool(candidate.include)), len(candidate.keys) + len(candidate.include) + int(bound)


def _burden(outcome: Outcome) -> tuple[int, int]:
    weights = [_weight(each) for each in outcome.candidates]
    return sum(weight[0] for weight in weights), sum(weight[1] for weight in weights)
