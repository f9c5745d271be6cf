"""How long to wait after a failure."""

from __future__ import annotations

import random


def backoff(attempt: int, *, base: float = 0.1, cap: float = 30.0) -> float:
    """Seconds before the next try after ``attempt`` failures in a row: doubled each time, up to half of it by chance.

    The chance keeps processes that failed together from coming back together.
    """
    longest: float = min(cap, base * 2 ** min(attempt, 32))
    return random.uniform(longest / 2, longest)
