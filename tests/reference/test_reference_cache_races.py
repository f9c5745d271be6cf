"""Many readers and a writer at once: whoever asks after an invalidation sees what was written before it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest
from cache_help import Clock

from backend.reference.cache import Cache, Entry, Load, MemoryCache, RedisCache
from backend.reference.redis_client import connect_redis

SEEDS = range(5)


class DeletesOnly:
    """The weakened twin: an invalidation deletes, and what is loaded meanwhile is stored all the same."""

    def __init__(self) -> None:
        self.entries: dict[tuple[str, str], Entry] = {}

    async def fetch(self, namespace: str, key: str, *, ttl: float, load: Load, stale: float = 0.0) -> Entry:
        entry = self.entries.get((namespace, key))
        if entry is None:
            entry = self.entries[namespace, key] = await load()
        return entry

    async def invalidate(self, *namespaces: str) -> None:
        self.entries = {place: entry for place, entry in self.entries.items() if place[0] not in namespaces}

    async def aclose(self) -> None:
        pass


async def outdated_reads(caches: Sequence[Cache], clock: Clock, seed: int) -> int:
    """How often a reader was served something older than what had been written and invalidated before it asked."""
    rng = random.Random(seed)
    committed, invalidated, outdated = 0, 0, 0

    async def pause() -> None:
        for _ in range(rng.randrange(6)):
            await asyncio.sleep(0)

    async def load() -> Entry:
        await pause()
        value = committed
        await pause()
        return Entry.of(b"%d" % value)

    async def read() -> None:
        nonlocal outdated
        for _ in range(20):
            expected = invalidated
            entry = await rng.choice(caches).fetch("posts", rng.choice("ab"), ttl=5, stale=5, load=load)
            outdated += int(entry.body) < expected
            await pause()

    async def write() -> None:
        nonlocal committed, invalidated
        for _ in range(20):
            committed += 1
            written = committed
            await pause()
            await rng.choice(caches).invalidate("posts")
            invalidated = max(invalidated, written)
            clock.now += rng.choice((0, 1, 6))
            await pause()

    await asyncio.gather(*(read() for _ in range(10)), write(), write())
    return outdated


@asynccontextmanager
async def processes(url: str, clock: Clock) -> AsyncIterator[list[RedisCache]]:
    """Two caches that share nothing but Redis."""
    clients, prefix = [connect_redis(url), connect_redis(url)], uuid4().hex
    caches = [RedisCache(client, prefix=prefix, clock=clock) for client in clients]
    try:
        yield caches
    finally:
        for cache, client in zip(caches, clients, strict=True):
            await cache.aclose()
            await client.aclose()


@pytest.mark.parametrize("seed", SEEDS)
async def test_nobody_reads_from_memory_what_a_write_has_outdated(seed: int) -> None:
    clock = Clock()
    cache = MemoryCache(clock=clock)
    assert await outdated_reads([cache], clock, seed) == 0
    await cache.aclose()


@pytest.mark.parametrize("seed", SEEDS)
async def test_nobody_reads_from_redis_what_a_write_in_either_process_has_outdated(seed: int, redis_url: str) -> None:
    clock = Clock()
    async with processes(redis_url, clock) as caches:
        assert await outdated_reads(caches, clock, seed) == 0


async def test_where_an_invalidation_only_deletes_outdated_answers_are_read() -> None:
    assert sum([await outdated_reads([DeletesOnly()], Clock(), seed) for seed in SEEDS]) > 0
