"""Searching for the rate at which a backend breaks: up by a factor until it does, then halving the gap."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from backend.exercise.load.result import LoadResult

Measure = Callable[[float], Awaitable[LoadResult]]
"""Runs a load at a rate (requests a second)."""


@dataclass(frozen=True)
class Criteria:
    """What a rate must keep to be held."""

    p99: float = 0.5
    """Seconds."""
    error_share: float = 0.01
    shortfall: float = 0.1
    """Share of the offered rate that may be missing from the answers."""
    backlog_seconds: float = 0.25
    """Requests that wait for a connection when the last is due, as seconds of arrivals: beyond it they pile up."""


@dataclass(frozen=True)
class Step:
    """One rate, and why it was not held; ``broken`` is empty where it was."""

    result: LoadResult
    broken: str


@dataclass(frozen=True)
class Saturation:
    """The steps in the order of their rates, and the knee between the last that held and the first that did not."""

    steps: tuple[Step, ...]
    knee: float
    """The highest rate that was held; 0 where none was."""
    breaks_at: float
    """The lowest rate that was not held; 0 where all were."""
    reason: str
    """Why that one was not; empty where all were."""


def broken(result: LoadResult, criteria: Criteria) -> str:
    """Why a rate was not held, or an empty text."""
    p99 = result.latency.quantile(0.99)
    if result.error_share > criteria.error_share:
        kinds = ", ".join(f"{count} {kind}" for kind, count in result.errors.most_common(3))
        return f"{result.error_share:.1%} errors ({kinds})"
    if result.backlog_at_end > criteria.backlog_seconds * result.offered:
        return f"{result.backlog_at_end} requests waited for a free connection at the end"
    if p99 > criteria.p99:
        return f"p99 {p99 * 1000:.0f} ms is over {criteria.p99 * 1000:.0f} ms"
    if result.achieved < (1 - criteria.shortfall) * result.offered:
        return f"{result.achieved:.0f} of {result.offered:.0f} requests a second were answered"
    return ""


async def saturate(
    measure: Measure,
    *,
    start: float,
    most: float,
    criteria: Criteria,
    factor: float = 2.0,
    halvings: int = 3,
) -> Saturation:
    """Find the knee.

    Args:
        measure: puts a rate on the backend.
        start: the first rate.
        most: no rate above it is tried.
        criteria: what a rate must keep.
        factor: between one step and the next, until one breaks.
        halvings: how often the gap between the best and the worst is halved after that.
    """
    steps: list[Step] = []

    async def held(rate: float) -> bool:
        result = await measure(rate)
        steps.append(Step(result, broken(result, criteria)))
        return not steps[-1].broken

    good, bad, rate = 0.0, 0.0, start
    while not bad and good < most:
        if await held(rate):
            good, rate = rate, min(rate * factor, most)
        else:
            bad = rate
    for _ in range(halvings if bad else 0):
        middle = (good + bad) / 2
        if await held(middle):
            good = middle
        else:
            bad = middle
    reason = next((step.broken for step in steps if step.result.offered == bad), "")
    return Saturation(tuple(sorted(steps, key=lambda step: step.result.offered)), good, bad, reason)
