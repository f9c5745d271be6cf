"""Holding laws against a backend, one after the other."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from backend.exercise.exchange import Failure, TargetGone
from backend.exercise.laws.law import Law
from backend.exercise.laws.trial import MOST_REQUESTS, Trial, Untested, Verdict
from backend.exercise.subject import Subject
from backend.exercise.world import WorldError

Progress = Callable[[int, int, str], None]
"""Called with how many laws are done, how many there are, and the id of the next."""


@dataclass
class LawResults:
    """What came of all laws."""

    verdicts: list[Verdict] = field(default_factory=list)

    @property
    def failures(self) -> list[Failure]:
        """Of every law, in their order."""
        return [failure for verdict in self.verdicts for failure in verdict.failures]

    @property
    def untested(self) -> dict[str, dict[str, str]]:
        """By law, then by operation: why it was not held against it."""
        return {verdict.law: verdict.untested for verdict in self.verdicts if verdict.untested}

    def of(self, law: str) -> Verdict:
        """The verdict of one law.

        Raises:
            KeyError: it was not among those run.
        """
        for verdict in self.verdicts:
            if verdict.law == law:
                return verdict
        raise KeyError(law)


async def run_laws(
    subject: Subject,
    laws: Sequence[Law],
    progress: Progress | None = None,
    *,
    most: int = MOST_REQUESTS,
    clock: Callable[[], float] = time.monotonic,
) -> LawResults:
    """Hold ``laws`` against the backend until the budget's seconds are over; those left then are not tested.

    Raises:
        TargetGone: the backend ended and cannot be started again.
    """
    results, began = LawResults(), clock()
    ordered = sorted(laws, key=lambda law: law.last)
    for done, law in enumerate(ordered):
        if progress is not None:
            progress(done, len(ordered), law.id)
        if clock() - began > subject.budget.seconds:
            reason = f"the {subject.budget.seconds:g} s of the check were over before"
            results.verdicts.append(Verdict(law.id, untested={"everything": reason}))
            continue
        results.verdicts.append(await try_law(subject, law, most=most, clock=clock))
    return results


async def try_law(
    subject: Subject, law: Law, *, most: int = MOST_REQUESTS, clock: Callable[[], float] = time.monotonic
) -> Verdict:
    """Hold one law against the backend.

    Raises:
        TargetGone: the backend ended and cannot be started again.
    """
    trial, began = Trial(subject, law.id, most=most), clock()
    verdict = trial.verdict
    try:
        await law.check(trial)
    except (Untested, WorldError) as reason:
        verdict.untested["everything else"] = str(reason)
    except TargetGone as gone:
        verdict.failures.append(Failure(law.id, "every operation", f"the backend ended under it: {gone}"))
        subject.world.forget()
        restart = getattr(subject.target, "restart", None)
        if restart is None:
            raise
        await restart()
    if not verdict.tested and not verdict.untested:
        verdict.untested["everything"] = f"there is nothing to hold it against: it applies to {law.applies}"
    verdict.seconds = clock() - began
    return verdict
