"""A circuit breaker: when a helper service is down, one caller in a while finds out, not every request."""

from __future__ import annotations

import time
from collections.abc import Callable


class CircuitBreaker:
    """Opens after ``failures`` failures in a row and lets one trial through every ``rest`` seconds from then on."""

    def __init__(self, *, failures: int = 3, rest: float = 5.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._failures = failures
        self._rest = rest
        self._clock = clock
        self._failed = 0
        self._next_trial = 0.0

    @property
    def open(self) -> bool:
        """Whether the service counts as down."""
        return self._failed >= self._failures

    def allows(self) -> bool:
        """Whether to ask the service now. While it counts as down, a yes is given to one caller per rest."""
        if self._failed < self._failures:
            return True
        now = self._clock()
        if now < self._next_trial:
            return False
        self._next_trial = now + self._rest
        return True

    def succeeded(self) -> None:
        """The service answered."""
        self._failed = 0

    def failed(self) -> None:
        """The service did not answer."""
        self._failed += 1
        if self._failed == self._failures:
            self._next_trial = self._clock() + self._rest
