"""Rate limits counted in Redis, for all processes together."""

from __future__ import annotations

import math
from typing import Any

from limits import RateLimitItemPerSecond
from limits.aio.storage import RedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from redis.asyncio import Redis

from .circuit_breaker import CircuitBreaker
from .rate_limit import Limit, MemoryRateLimiter, Verdict, wait_for_one
from .redis_client import ask_redis


class RedisRateLimiter:
    """Sliding window counters in Redis, judged by a script that runs there in one piece.

    While Redis is away the process counts for itself: nobody is locked out for that reason, and nobody is let in
    without bounds.
    """

    def __init__(
        self,
        redis: Redis,
        *,
        prefix: str = "rate",
        breaker: CircuitBreaker | None = None,
        fallback: MemoryRateLimiter | None = None,
    ) -> None:
        pool: Any = redis.connection_pool  # the library's annotation knows plain options only
        storage = RedisStorage("async+redis://", implementation="redispy", key_prefix=prefix, connection_pool=pool)
        self._storage = storage
        self._strategy = SlidingWindowCounterRateLimiter(storage)
        self._breaker = breaker or CircuitBreaker()
        self._fallback = fallback or MemoryRateLimiter()

    async def hit(self, key: str, limit: Limit) -> Verdict:
        """See :meth:`RateLimiter.hit`."""
        verdict = await ask_redis(self._breaker, lambda: self._judge(key, limit))
        return self._fallback.judge(key, limit) if verdict is None else verdict

    async def _judge(self, key: str, limit: Limit) -> Verdict:
        item = RateLimitItemPerSecond(limit.quota, limit.window, namespace=limit.name)
        allowed = await self._strategy.hit(item, key)
        previous, previous_left, current, current_left = await self._storage.get_sliding_window(
            item.key_for(key), limit.window
        )
        left = current_left % limit.window or float(limit.window)
        if not allowed:
            elapsed = limit.window - left
            return Verdict(False, limit, 0, math.ceil(wait_for_one(limit, current, previous, elapsed)))
        used = current + previous * previous_left / limit.window
        return Verdict(True, limit, max(0, int(limit.quota - used)), math.ceil(left))
