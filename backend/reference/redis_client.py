"""The Redis connection pool: bounded in number, every wait short, no retries behind the caller's back."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from .circuit_breaker import CircuitBreaker

T = TypeVar("T")
logger = logging.getLogger(__name__)

REDIS_FAILURES = (RedisError, OSError, TimeoutError)
"""What a Redis that is gone, slow or full looks like to its caller."""


def connect_redis(url: str, *, connections: int = 32, patience: float = 0.25) -> Redis:
    """A client for ``redis://``, ``rediss://`` or ``unix://``; it connects on first use and answers with bytes.

    ``patience`` (seconds) bounds connecting, each answer, and the wait for a free connection: Redis only makes
    the application faster, so nobody waits long for it.
    """
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=connections,
        timeout=patience,
        socket_timeout=patience,
        socket_connect_timeout=patience,
        retry=Retry(NoBackoff(), 0),
    )
    return Redis.from_pool(pool)


async def ask_redis(breaker: CircuitBreaker, question: Callable[[], Awaitable[T]], patience: float = 0.25) -> T | None:
    """What Redis answers, or ``None`` when it is away: too slow, unreachable, or found so a moment ago.

    ``patience`` (seconds) bounds the whole of it.
    """
    if not breaker.allows():
        return None
    try:
        async with asyncio.timeout(patience):
            answer = await question()
    except (*REDIS_FAILURES, RuntimeError) as error:  # uvloop's word for a connection that was reset
        breaker.failed()
        logger.warning("Redis is away: %s", error or type(error).__name__)
        return None
    breaker.succeeded()
    return answer
