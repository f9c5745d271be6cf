"""Counting latencies in constant memory: linear steps within each doubling, as HdrHistogram does."""

from __future__ import annotations

import math
from collections.abc import Iterable

STEP_BITS = 7
"""128 steps a doubling: a bucket is at most 1/128 of its value wide, so its middle is off by 0.4 % at most."""

UNIT_SECONDS = 1e-6


class Histogram:
    """Durations in seconds, kept to a microsecond or 0.4 %, whichever is more. The greatest is kept exactly."""

    def __init__(self) -> None:
        self._counts: dict[int, int] = {}
        self.count = 0
        self.max = 0.0
        self.total = 0.0

    def record(self, seconds: float) -> None:
        """Count one duration; one below zero counts as zero."""
        value = int(seconds * 1e6) if seconds > 0 else 0
        shift = value.bit_length() - STEP_BITS - 1
        index = value if shift <= 0 else (shift << STEP_BITS) + (value >> shift)
        self._counts[index] = self._counts.get(index, 0) + 1
        self.count += 1
        self.total += seconds
        if seconds > self.max:
            self.max = seconds

    def add(self, other: Histogram) -> None:
        """Count all that ``other`` counted."""
        for index, count in other._counts.items():
            self._counts[index] = self._counts.get(index, 0) + count
        self.count += other.count
        self.total += other.total
        self.max = max(self.max, other.max)

    def quantile(self, share: float) -> float:
        """The least recorded duration that ``share`` (0 to 1) of all do not exceed; 0 where nothing was recorded."""
        if not self.count:
            return 0.0
        rank = max(1, math.ceil(share * self.count - 1e-9))
        if rank >= self.count:
            return self.max
        seen = 0
        for index in sorted(self._counts):
            seen += self._counts[index]
            if seen >= rank:
                return min(_middle(index), self.max)
        return self.max

    @property
    def mean(self) -> float:
        """The arithmetic mean; 0 where nothing was recorded."""
        return self.total / self.count if self.count else 0.0

    @classmethod
    def of(cls, durations: Iterable[float]) -> Histogram:
        """A histogram of ``durations``."""
        made = cls()
        for seconds in durations:
            made.record(seconds)
        return made


def _middle(index: int) -> float:
    """The middle of a bucket, in seconds."""
    steps = 1 << STEP_BITS
    shift = max(0, index // steps - 1)
    lowest = (index - shift * steps) << shift
    return (lowest + ((1 << shift) - 1) / 2 + 0.5) * UNIT_SECONDS
