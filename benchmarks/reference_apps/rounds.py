"""Interleaved rounds: each kind of request on each candidate in turn, so that a slow minute of the machine hits all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from backend.exercise.load.address import Address
from backend.exercise.load.apart import apart
from backend.exercise.load.generator import Load, generate
from backend.exercise.load.result import LoadResult
from backend.exercise.load.workload import Mix, Part
from backend.exercise.served import Served
from benchmarks.figures import median
from benchmarks.reference_apps.cores import cpu_seconds

CONNECTIONS = 16
SHARE = 0.6
"""Of the usual way's capacity: the rate at which latencies are compared."""


@dataclass
class Taking:
    """What one candidate did with one kind of request, a value a round."""

    capacities: list[float] = field(default_factory=list)
    """Answers a second, as fast as it goes."""
    cpu: list[float] = field(default_factory=list)
    """Seconds of the server's processor an answer, as fast as it goes."""
    busy: list[float] = field(default_factory=list)
    """Share of its core that the server used: near 1, or something else was the limit."""
    p50: list[float] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)

    @property
    def capacity(self) -> float:
        """The median of the rounds."""
        return median(self.capacities)


@dataclass
class Contestant:
    """A candidate that is up."""

    name: str
    target: Address
    served: Served
    parts: dict[str, Part]
    takings: dict[str, Taking] = field(default_factory=dict)


async def capacity_round(contestant: Contestant, kind: str, seconds: float) -> None:
    """Measure how much it answers in a closed loop, after a third of the time to warm up."""
    await load(contestant, kind, Load(seconds=seconds / 3, connections=CONNECTIONS))
    used = cpu_seconds(contestant.served.pid)
    result = await load(contestant, kind, Load(seconds=seconds, connections=CONNECTIONS))
    used = cpu_seconds(contestant.served.pid) - used
    taking = contestant.takings.setdefault(kind, Taking())
    taking.capacities.append(result.achieved)
    taking.cpu.append(used / result.answered)
    taking.busy.append(used / result.seconds)


async def latency_round(contestant: Contestant, kind: str, seconds: float, rate: float) -> None:
    """Measure latencies at a constant rate, the same for all."""
    result = await load(
        contestant, kind, Load(seconds=seconds, rate=rate, warm_up=seconds / 5, connections=CONNECTIONS * 4)
    )
    contestant.takings[kind].p50.append(result.latency.quantile(0.5))
    contestant.takings[kind].p99.append(result.latency.quantile(0.99))


async def load(contestant: Contestant, kind: str, amount: Load) -> LoadResult:
    """One load.

    Raises:
        RuntimeError: not all was answered well; the figures would mean nothing.
    """
    mix = Mix([contestant.parts[kind]], contestant.target.authority)
    result = await apart(lambda: generate(contestant.target, mix, amount))
    if result.errors or not result.answered:
        raise RuntimeError(f"{contestant.name}, {kind}: errors {dict(result.errors)}{contestant.served.quote()}")
    return result


def common_rate(contestants: Sequence[Contestant], kind: str, fallback: str) -> float:
    """The rate at which latencies of ``kind`` are compared: a share of the first candidate's capacity."""
    takings = contestants[0].takings
    return SHARE * takings.get(kind, takings[fallback]).capacity
