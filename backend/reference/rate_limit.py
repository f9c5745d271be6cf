"""Rate limits: a sliding window a key, counted in this process.

Headers are those of draft-ietf-httpapi-ratelimit-headers-10.
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from .errors import RateLimitedError


@dataclass(frozen=True, slots=True)
class Limit:
    """``quota`` requests in any ``window`` seconds. The name is shown to clients: letters, digits, ``-`` and ``_``."""

    name: str
    quota: int
    window: int

    def __post_init__(self) -> None:
        if self.quota < 1 or self.window < 1 or not self.name.replace("-", "").replace("_", "").isalnum():
            raise ValueError(f"not a limit: {self!r}")


class Verdict(NamedTuple):
    """What a limiter says to one request."""

    allowed: bool
    limit: Limit
    remaining: int
    reset_seconds: int
    """Allowed: until the current window ends. Refused: until one more request is allowed."""


class RateLimiter(Protocol):
    """Counts requests and judges them."""

    async def hit(self, key: str, limit: Limit) -> Verdict:
        """Count one request of ``key`` (an address or a user) unless it is over the limit."""
        ...


class Count(NamedTuple):
    """Requests of a key in the window with this number, and in the one before it."""

    window: int
    current: int
    previous: int


class MemoryRateLimiter:
    """Sliding window counters: the previous window counts for the part of it that the last ``window`` seconds reach.

    Bounded: of more than ``max_keys`` the one idle for longest is forgotten, so nobody who keeps asking is. Counts
    are per process: with several, each allows the whole quota.
    """

    def __init__(self, *, max_keys: int = 100_000, clock: Callable[[], float] = time.time) -> None:
        self._max_keys = max_keys
        self._clock = clock
        self._counts: OrderedDict[tuple[str, str], Count] = OrderedDict()

    def __len__(self) -> int:
        return len(self._counts)

    async def hit(self, key: str, limit: Limit) -> Verdict:
        """See :meth:`RateLimiter.hit`."""
        return self.judge(key, limit)

    def judge(self, key: str, limit: Limit) -> Verdict:
        """The same for callers that cannot wait; it never does."""
        window, elapsed = divmod(self._clock(), limit.window)
        place = (limit.name, key)
        counted = self._counts.get(place)
        current, previous = _as_of(counted, int(window))
        used = current + previous * (1 - elapsed / limit.window)
        if used + 1 > limit.quota:
            self._counts.move_to_end(place)
            return Verdict(False, limit, 0, math.ceil(wait_for_one(limit, current, previous, elapsed)))
        self._counts[place] = Count(int(window), current + 1, previous)
        if counted is not None:
            self._counts.move_to_end(place)
        elif len(self._counts) > self._max_keys:
            self._counts.popitem(last=False)
        return Verdict(True, limit, int(limit.quota - used - 1), math.ceil(limit.window - elapsed))


def _as_of(counted: Count | None, window: int) -> tuple[int, int]:
    """Requests in the window with this number and in the one before it."""
    if counted is None or counted.window < window - 1:
        return 0, 0
    if counted.window == window - 1:
        return 0, counted.current
    return counted.current, counted.previous


def wait_for_one(limit: Limit, current: int, previous: int, elapsed: float) -> float:
    """Seconds until one more request fits, if none comes meanwhile; ``elapsed`` is of the current window.

    The previous window's weight falls evenly to nothing by the end of the current one. Is that not enough, the
    current one becomes the previous and its weight falls likewise.
    """
    room = limit.quota - 1
    if current <= room:
        return limit.window * (1 - (room - current) / previous) - elapsed if previous else 0.0
    return limit.window * (1 - room / current) + limit.window - elapsed


def rate_limit_headers(verdict: Verdict) -> dict[str, str]:
    """What every answer tells about the limit (draft-ietf-httpapi-ratelimit-headers-10 sections 3 and 4)."""
    limit = verdict.limit
    return {
        "RateLimit-Policy": f'"{limit.name}";q={limit.quota};w={limit.window}',
        "RateLimit": f'"{limit.name}";r={verdict.remaining};t={verdict.reset_seconds}',
    }


def require_allowed(verdict: Verdict) -> None:
    """Let the request pass if the limiter said so.

    Raises:
        RateLimitedError: it did not.
    """
    if not verdict.allowed:
        raise RateLimitedError(max(1, verdict.reset_seconds), rate_limit_headers(verdict))
