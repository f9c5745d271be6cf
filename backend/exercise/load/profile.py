"""The whole measurement of one backend: a steady rate, then the search for the rate at which it breaks."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from backend.exercise.load.address import Address
from backend.exercise.load.apart import apart
from backend.exercise.load.generator import MAXIMUM_REQUESTS, Clock, Load, generate
from backend.exercise.load.result import LoadResult
from backend.exercise.load.saturation import Criteria, Saturation, saturate
from backend.exercise.load.workload import Mix, Part

Progress = Callable[[str], Awaitable[None]]


@dataclass(frozen=True)
class ProfilePlan:
    """How long and how hard; rates in requests a second."""

    rate: float = 50.0
    """The steady rate, and the first one of the search."""
    seconds: float = 5.0
    step_seconds: float = 2.0
    """Of each rate that the search tries."""
    most: float = 20_000.0
    connections: int = 64
    timeout: float = 10.0
    criteria: Criteria = field(default_factory=Criteria)
    seed: int = 0

    def load(self, rate: float, seconds: float) -> Load:
        """A load of the plan's kind; the first fifth again before warms up."""
        return Load(seconds, rate, self.connections, self.timeout, warm_up=seconds / 5)

    @property
    def highest(self) -> float:
        """The highest rate that the bound on requests allows a step to have."""
        return min(self.most, MAXIMUM_REQUESTS // (1.25 * self.step_seconds))


@dataclass(frozen=True)
class LoadProfile:
    """What was found."""

    steady: LoadResult
    saturation: Saturation


async def profile(
    target: Address,
    parts: Sequence[Part],
    plan: ProfilePlan,
    progress: Progress,
    clock: Clock = time.perf_counter,
) -> LoadProfile:
    """Measure ``target`` with the mix of ``parts``.

    Raises:
        ValueError: the plan is beyond the bounds of :class:`Load`, or there are no parts.
    """

    async def measure(rate: float, seconds: float) -> LoadResult:
        await progress(f"load: {rate:.0f} requests/s for {seconds:g} s")
        mix = Mix(parts, target.authority, plan.seed)
        return await apart(lambda: generate(target, mix, plan.load(rate, seconds), clock))

    steady = await measure(plan.rate, plan.seconds)
    found = await saturate(
        lambda rate: measure(rate, plan.step_seconds), start=plan.rate, most=plan.highest, criteria=plan.criteria
    )
    return LoadProfile(steady, found)
