"""What to say of a failure, and how long to wait after it."""

from __future__ import annotations

import random

from ..errors import UnavailableError
from ..redis_client import REDIS_FAILURES

OUTAGES = (UnavailableError, *REDIS_FAILURES)
"""A database or a Redis that is gone: where in the code that was noticed says nothing."""


def backoff(attempt: int, *, base: float = 0.1, cap: float = 30.0) -> float:
    """Seconds before the next try after ``attempt`` failures in a row: doubled each time, up to half of it by chance.

    The chance keeps processes that failed together from coming back together.
    """
    longest: float = min(cap, base * 2 ** min(attempt, 32))
    return random.uniform(longest / 2, longest)


def describe(error: BaseException) -> str:
    """What went wrong at bottom, in one line of at most 1000 characters."""
    while error.__cause__:
        error = error.__cause__
    return f"{type(error).__name__}: {error}".replace("\n", " ")[:1000]
