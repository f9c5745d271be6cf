"""What a load run saw."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from backend.exercise.load.histogram import Histogram

MOMENTS = 60
"""Into how many slices of time a run is cut for the course of its latency."""


@dataclass
class Moment:
    """One slice of a run, by the time at which its requests were meant to be sent."""

    second: float
    """Where the slice begins, counted from the start of the run."""
    latency: Histogram = field(default_factory=Histogram)
    errors: int = 0


@dataclass
class LoadResult:
    """One run. Latency counts from when a request was meant to be sent, so waiting for a free connection counts.

    ``latency`` holds the good answers, and requests that timed out, with the time they were waited for.
    """

    offered: float
    """Requests a second that were meant to be sent; 0 in a closed loop."""
    seconds: float = 0.0
    """From the start to the last answer."""
    sent: int = 0
    answered: int = 0
    """Good answers."""
    latency: Histogram = field(default_factory=Histogram)
    operations: dict[str, Histogram] = field(default_factory=dict)
    statuses: Counter[int] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    """By kind: ``4xx``, ``5xx``, ``timeout``, ``refused``, ``reset``, ``malformed``."""
    moments: list[Moment] = field(default_factory=list)
    backlog: int = 0
    """The most requests that waited for a free connection at one time."""
    backlog_at_end: int = 0
    """How many waited when the last request was due."""
    lateness: Histogram = field(default_factory=Histogram)
    """How much later than meant this generator itself woke to send: its own share of the latency."""

    @property
    def achieved(self) -> float:
        """Good answers a second."""
        return self.answered / self.seconds if self.seconds else 0.0

    @property
    def error_share(self) -> float:
        """Errors among all requests, 0 to 1."""
        return sum(self.errors.values()) / self.sent if self.sent else 0.0

    def percentiles(self) -> dict[str, float]:
        """Seconds by name: ``p50``, ``p95``, ``p99``, ``p99.9``, ``max``."""
        named = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "p99.9": 0.999}
        return {**{name: self.latency.quantile(share) for name, share in named.items()}, "max": self.latency.max}
