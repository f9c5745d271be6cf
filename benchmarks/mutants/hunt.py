"""Hunting a planted bug: one check alone where little time is left, or everything that ``exercise_backend`` does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from backend.exercise.access import access_matrix
from backend.exercise.budget import statement_budget
from backend.exercise.concurrency import all_races
from backend.exercise.crash import all_crashes
from backend.exercise.exchange import Failure
from backend.exercise.fuzz.run import fuzz
from backend.exercise.laws import all_laws, law, try_law
from backend.exercise.smoke import smoke
from backend.exercise.subject import Subject
from backend.exercise.suite import QUICK, Check, Exercise, run_checks
from benchmarks.mutants.focus import Focused
from benchmarks.mutants.shop import Shop


@dataclass(frozen=True)
class Kill:
    """How a bug was noticed."""

    failures: tuple[Failure, ...]
    """At least one, in the order in which they came."""
    requests: int
    """Until the check that noticed it was through."""
    seconds: float


async def hunt(shop: Shop) -> Kill | None:
    """Run the checks of ``exercise_backend`` in their order until one notices something; ``None`` if none does."""
    shop.counted.reset()
    for check in QUICK:
        failures = await _noticed(shop, check)
        if failures:
            return Kill(tuple(failures), shop.counted.requests, shop.counted.seconds)
    return None


async def _noticed(shop: Shop, check: Check) -> list[Failure]:
    """What a check finds; of laws and races only the first that is broken."""
    laws = {Check.LAWS: all_laws(), Check.CONCURRENCY: (*all_races(), *all_crashes())}.get(check)
    if laws is None:
        (section,) = await run_checks(Exercise(shop.subject, shop.ground, _silent), [check])
        return section.failures
    for each in sorted(laws, key=lambda each: each.last):
        failures = (await try_law(shop.subject, each)).failures
        if failures:
            return failures
    return []


async def point(shop: Shop, check: str, resources: Sequence[str] = ()) -> list[Failure]:
    """What one check, as in ``law.page-partition`` or ``fuzz.leak``, finds among ``resources``."""
    subject = shop.subject
    if resources:
        subject = replace(subject, contract=Focused.on(subject.contract, resources))
    found = await _tried(subject, check)
    return [failure for failure in found if failure.check == check]


async def _tried(subject: Subject, check: str) -> list[Failure]:
    match check.partition(".")[0]:
        case "law":
            return (await try_law(subject, law(check))).failures
        case "race" | "crash":
            found = next(each for each in (*all_races(), *all_crashes()) if each.id == check)
            return (await try_law(subject, found)).failures
        case "budget":
            return (await statement_budget(subject)).failures
        case "fuzz":
            return (await fuzz(subject)).failures
        case "access":
            return (await access_matrix(subject)).failures
        case "smoke":
            return (await smoke(subject))[1]
    raise KeyError(check)


async def _silent(_done: float, _of: float, _message: str) -> None:
    return None
