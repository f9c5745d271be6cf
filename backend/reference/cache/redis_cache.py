"""An application cache in Redis, shared by all processes. Without Redis every fetch loads, and none fails."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Iterable
from typing import Any

from redis.asyncio import Redis

from ..circuit_breaker import CircuitBreaker
from ..redis_client import ask_redis
from .base import Entry, Load
from .flight import SingleFlight
from .renewal import Renewals
from .stored import Stored, decode, encode

GENERATION_BYTES = 16
GENERATION_SECONDS = 7 * 86_400
POLL = 0.02
"""Seconds between two looks at an entry that another process is loading."""


class RedisCache:
    """One loader a key among all processes, by a short lock; one a process while Redis is away.

    A namespace has a generation: a random token in Redis, which an invalidation replaces. It is read in the same
    round trip as the value and before a load, and every value carries the one it was loaded under, so what was
    loaded from before a write can never be served after its invalidation. A token that Redis has evicted is
    replaced by a new one: nothing old comes back to life.

    An invalidation that Redis did not hear of is owed: this process uses none of the namespace's entries until
    Redis has taken it. Other processes may serve them until they expire.
    """

    def __init__(
        self,
        redis: Redis,
        *,
        prefix: str = "cache",
        breaker: CircuitBreaker | None = None,
        lock_seconds: float = 5.0,
        patience: float = 1.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """``patience`` is how many seconds a reader waits for another process's loader before it loads itself.

        ``clock`` gives seconds since 1970: the processes compare their times.
        """
        self._redis = redis
        self._prefix = prefix
        self._breaker = breaker or CircuitBreaker()
        self._lock_milliseconds = round(lock_seconds * 1000)
        self._patience = patience
        self._clock = clock
        self._owed: dict[str, int] = {}
        self._invalidations = 0
        self._flights: SingleFlight[Entry] = SingleFlight()
        self._renewals = Renewals()

    async def fetch(self, namespace: str, key: str, *, ttl: float, load: Load, stale: float = 0.0) -> Entry:
        """See :meth:`Cache.fetch`."""
        if self._owed:
            await self._settle()
        seen = None if namespace in self._owed else await self._look(namespace, key)
        if seen is None:
            return await self._flights.run((namespace, key, self._owed.get(namespace)), load)
        generation, stored = seen
        now = self._clock()
        if stored is not None and now < stored.fresh_until:
            return stored.entry

        async def load_and_store() -> Entry:
            entry = await load()
            fresh_until = self._clock() + ttl
            await self._store(namespace, key, Stored(generation, fresh_until, fresh_until + stale, entry), ttl + stale)
            return entry

        flight = (namespace, key, generation)
        lock = self._name("lock", namespace, generation.hex() + ":" + key)
        if stored is not None and now < stored.stale_until:
            self._renewals.start(flight, lambda: self._load_if_free(namespace, key, lock, load_and_store))
            return stored.entry
        return await self._flights.run(flight, lambda: self._load_in_turn(namespace, key, lock, load_and_store))

    async def invalidate(self, *namespaces: str) -> None:
        """See :meth:`Cache.invalidate`."""
        self._invalidations += 1
        due = dict.fromkeys(namespaces, self._invalidations)
        done = False
        try:
            done = await self._replace_generations(namespaces)
        finally:
            if not done:  # nor if the client hung up: the write has been committed
                self._owed.update(due)

    async def aclose(self) -> None:
        """See :meth:`Cache.aclose`."""
        await self._renewals.aclose()

    async def _settle(self) -> None:
        owed = dict(self._owed)
        if await self._replace_generations(owed):
            for namespace, since in owed.items():
                if self._owed.get(namespace) == since:  # else another one has failed meanwhile
                    del self._owed[namespace]

    async def _replace_generations(self, namespaces: Iterable[str]) -> bool:
        async def replace() -> bool:
            async with self._redis.pipeline(transaction=False) as pipeline:
                for namespace in namespaces:
                    name = self._name("generation", namespace)
                    pipeline.set(name, secrets.token_bytes(GENERATION_BYTES), ex=GENERATION_SECONDS)
                await pipeline.execute()
            return True

        return await ask_redis(self._breaker, replace) is not None

    async def _look(self, namespace: str, key: str) -> tuple[bytes, Stored | None] | None:
        """The generation and the value of that generation, in one round trip; ``None`` when Redis is away."""
        names = (self._name("generation", namespace), self._name("value", namespace, key))

        async def look() -> tuple[bytes, Stored | None]:
            answers: Any = await self._redis.mget(names)  # bytes, since the client decodes nothing
            generation, value = answers
            if generation is None:
                return await self._first_generation(names[0]), None
            return generation, decode(value, generation)

        return await ask_redis(self._breaker, look)

    async def _first_generation(self, name: str) -> bytes:
        async with self._redis.pipeline(transaction=False) as pipeline:
            pipeline.set(name, secrets.token_bytes(GENERATION_BYTES), ex=GENERATION_SECONDS, nx=True)
            pipeline.get(name)
            generation: bytes = (await pipeline.execute())[1]
        return generation

    async def _store(self, namespace: str, key: str, stored: Stored, seconds: float) -> None:
        name, value = self._name("value", namespace, key), encode(stored)
        await ask_redis(self._breaker, lambda: self._redis.set(name, value, px=max(1, round(seconds * 1000))))

    async def _load_if_free(self, namespace: str, key: str, lock: str, load: Load) -> Entry | None:
        """Load unless another process does, or has just done so."""
        if not await self._lock(lock):
            return None
        try:
            seen = await self._look(namespace, key)
            if seen is not None and seen[1] is not None and self._clock() < seen[1].fresh_until:
                return seen[1].entry
            return await load()
        finally:
            # A lock that has expired may be another's by now; taking it away costs one load too many, no more.
            await ask_redis(self._breaker, lambda: self._redis.delete(lock))

    async def _load_in_turn(self, namespace: str, key: str, lock: str, load: Load) -> Entry:
        """Load, or wait for the process that is loading; past the patience load all the same."""
        loop = asyncio.get_running_loop()
        end = loop.time() + self._patience
        while loop.time() < end:
            entry = await self._load_if_free(namespace, key, lock, load)
            if entry is not None:
                return entry
            await asyncio.sleep(POLL)
            seen = await self._look(namespace, key)
            if seen is None:
                break
            if seen[1] is not None and self._clock() < seen[1].fresh_until:
                return seen[1].entry
        return await load()

    async def _lock(self, name: str) -> bool:
        async def take() -> bool:
            return bool(await self._redis.set(name, b"", nx=True, px=self._lock_milliseconds))

        return await ask_redis(self._breaker, take) is not False  # without Redis nobody else can be asked

    def _name(self, kind: str, namespace: str, key: str = "") -> str:
        # Braces: a Redis cluster keeps what they enclose on one node, and one command reads both.
        return f"{self._prefix}:{{{namespace}}}:{kind}:{key}"
