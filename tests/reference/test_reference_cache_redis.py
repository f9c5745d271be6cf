"""The cache in Redis: shared by processes, and never the reason for which a request fails or waits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest
from cache_help import Clock, Source
from hypothesis import given
from hypothesis import strategies as st
from redis_server import RedisServer, running_redis

from backend.reference.cache import Entry, RedisCache
from backend.reference.cache.stored import Stored, decode, encode
from backend.reference.circuit_breaker import CircuitBreaker
from backend.reference.redis_client import connect_redis


@asynccontextmanager
async def process(
    url: str, prefix: str, *, patience: float = 5.0, lock_seconds: float = 5.0
) -> AsyncIterator[RedisCache]:
    """A cache as another process would have it: nothing is shared but Redis."""
    client = connect_redis(url)
    cache = RedisCache(client, prefix=prefix, patience=patience, lock_seconds=lock_seconds)
    try:
        yield cache
    finally:
        await cache.aclose()
        await client.aclose()


async def body(cache: RedisCache, source: Source, namespace: str = "posts") -> bytes:
    return (await cache.fetch(namespace, "list", ttl=60, load=source.load)).body


async def test_of_many_processes_one_loads(redis_url: str) -> None:
    prefix, source = uuid4().hex, Source()
    source.hold()
    async with (
        process(redis_url, prefix) as one,
        process(redis_url, prefix) as two,
        process(redis_url, prefix) as three,
    ):
        first = asyncio.create_task(body(one, source))
        await source.reading.wait()
        others = [asyncio.create_task(body(cache, source)) for cache in (two, three) for _ in range(5)]
        await asyncio.wait(others, timeout=0.1)
        source.answer.set()
        assert await asyncio.gather(first, *others) == [b"first"] * 11
    assert source.loads == 1


async def test_without_the_lock_every_process_loads(redis_url: str) -> None:
    prefix, source = uuid4().hex, Source()
    source.hold()
    async with process(redis_url, prefix, patience=0) as one, process(redis_url, prefix, patience=0) as two:
        readers = [asyncio.create_task(body(cache, source)) for cache in (one, two)]
        while source.loads < 2:
            await asyncio.sleep(0)
        source.answer.set()
        await asyncio.gather(*readers)


async def test_a_process_that_dies_while_it_loads_holds_the_others_up_no_longer_than_their_patience(
    redis_url: str,
) -> None:
    prefix, dead, source = uuid4().hex, Source(), Source("second")
    dead.hold()
    async with process(redis_url, prefix) as one, process(redis_url, prefix, patience=0.05) as two:
        lost = asyncio.create_task(body(one, dead))
        await dead.reading.wait()
        assert await body(two, source) == b"second"
        dead.answer.set()
        await lost


async def test_a_lock_nobody_gave_back_expires(redis_url: str) -> None:
    prefix, dead, source = uuid4().hex, Source(), Source("second")
    dead.hold()
    async with process(redis_url, prefix, lock_seconds=0.05) as one, process(redis_url, prefix, patience=60) as two:
        lost = asyncio.create_task(body(one, dead))
        await dead.reading.wait()
        assert await body(two, source) == b"second"
        dead.answer.set()
        await lost


async def test_a_write_in_one_process_is_seen_by_all(redis_url: str) -> None:
    prefix, source = uuid4().hex, Source()
    async with process(redis_url, prefix) as one, process(redis_url, prefix) as two:
        assert [await body(one, source), await body(two, source)] == [b"first", b"first"]
        source.value = "second"
        await two.invalidate("posts")
        assert [await body(one, source), await body(two, source)] == [b"second", b"second"]
    assert source.loads == 2


async def test_a_generation_that_redis_evicts_brings_nothing_old_back(redis_url: str) -> None:
    prefix, source, client = uuid4().hex, Source(), connect_redis(redis_url)
    async with process(redis_url, prefix) as cache:
        await body(cache, source)
        source.value = "second"
        await client.delete(f"{prefix}:{{posts}}:generation:")
        assert await body(cache, source) == b"second"
        assert await body(cache, source) == b"second"
    assert source.loads == 2
    await client.aclose()


async def test_a_generation_that_is_counted_starts_over_and_meets_its_old_entries(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The weakened twin: a counter begins at the same number each time."""
    monkeypatch.setattr("backend.reference.cache.redis_cache.secrets.token_bytes", lambda size: bytes(size))
    prefix, source, client = uuid4().hex, Source(), connect_redis(redis_url)
    async with process(redis_url, prefix) as cache:
        await body(cache, source)
        source.value = "second"
        await client.delete(f"{prefix}:{{posts}}:generation:")
        assert await body(cache, source) == b"first"
    await client.aclose()


async def test_what_somebody_else_left_under_the_key_is_not_served(redis_url: str) -> None:
    prefix, source, client = uuid4().hex, Source(), connect_redis(redis_url)
    async with process(redis_url, prefix) as cache:
        for value in (b"", b"junk", bytes(40)):
            await client.set(f"{prefix}:{{posts}}:value:list", value)
            await cache.invalidate("posts")
            assert await body(cache, source) == b"first"
    await client.aclose()


@given(st.binary(min_size=16, max_size=16), st.binary(max_size=60), st.text("abc\xff", max_size=8))
def test_an_entry_comes_back_as_it_was_stored_and_only_whole(generation: bytes, content: bytes, tag: str) -> None:
    stored = Stored(generation, 1.5, 2.5, Entry(content, f'"{tag}"'))
    value = encode(stored)
    assert decode(value, generation) == stored
    assert decode(value, bytes(15) + b"\x01") is None or generation == bytes(15) + b"\x01"
    head = len(value) - len(content)
    assert all(decode(value[:length], generation) is None for length in range(head))


@asynccontextmanager
async def a_cache_of_its_own(clock: Clock) -> AsyncIterator[tuple[RedisServer, RedisCache, CircuitBreaker]]:
    async with running_redis() as server:
        client = connect_redis(server.url)
        breaker = CircuitBreaker(failures=1, rest=5, clock=clock)
        try:
            yield server, RedisCache(client, breaker=breaker, clock=clock), breaker
        finally:
            await client.aclose()


async def test_without_redis_requests_are_answered_by_their_loaders_once_for_those_who_ask_together(
    caplog: pytest.LogCaptureFixture,
) -> None:
    source = Source()
    async with a_cache_of_its_own(Clock()) as (server, cache, _):
        await body(cache, source)
        await server.stop()
        assert [await body(cache, source) for _ in range(10)] == [b"first"] * 10
        assert source.loads == 11
        source.hold()
        together = [asyncio.create_task(body(cache, source)) for _ in range(10)]
        await source.reading.wait()
        source.answer.set()
        await asyncio.gather(*together)
        assert source.loads == 12
    assert len(caplog.records) == 1


async def test_a_redis_that_says_nothing_holds_up_the_first_request_alone() -> None:
    source = Source()
    async with a_cache_of_its_own(Clock()) as (server, cache, breaker):
        await body(cache, source)
        server.freeze()
        started = asyncio.get_running_loop().time()
        assert [await body(cache, source) for _ in range(200)] == [b"first"] * 200
        waited = asyncio.get_running_loop().time() - started
        server.thaw()
        assert breaker.open
        assert waited < 200 * 0.25 / 10  # each on its own would have waited a quarter of a second


async def test_an_invalidation_that_redis_missed_is_made_up_for_before_anything_is_read() -> None:
    clock, source = Clock(), Source("before")
    async with a_cache_of_its_own(clock) as (_, cache, breaker):
        await body(cache, source)
        breaker.failed()
        source.value = "after"
        await cache.invalidate("posts")
        assert await body(cache, source) == b"after"  # not from Redis, which counts as away
        clock.now += 6
        assert await body(cache, source) == b"after"
        assert not breaker.open
        assert await body(cache, source) == b"after"
        assert source.loads == 3


async def test_who_asks_after_a_missed_invalidation_does_not_join_those_who_asked_before() -> None:
    source = Source("before")
    async with a_cache_of_its_own(Clock()) as (server, cache, _):
        await server.stop()
        await body(cache, source)
        source.hold()
        early = asyncio.create_task(body(cache, source))
        await source.reading.wait()
        source.value = "after"
        await cache.invalidate("posts")
        late = asyncio.create_task(body(cache, source))
        await asyncio.sleep(0)
        source.answer.set()
        assert [await early, await late] == [b"before", b"after"]


async def test_an_invalidation_that_is_merely_lost_leaves_the_old_entry_in_service() -> None:
    """The weakened twin of a debt: the same events, with the debt forgotten."""
    clock, source = Clock(), Source("before")
    async with a_cache_of_its_own(clock) as (_, cache, breaker):
        await body(cache, source)
        breaker.failed()
        source.value = "after"
        await cache.invalidate("posts")
        cache._owed.clear()
        clock.now += 6
        assert await body(cache, source) == b"before"


async def test_paying_a_debt_does_not_clear_one_that_was_made_meanwhile() -> None:
    clock, source = Clock(), Source("first")
    async with a_cache_of_its_own(clock) as (_, cache, breaker):
        await body(cache, source)
        breaker.failed()
        source.value = "second"
        await cache.invalidate("posts")
        clock.now += 6
        paying = asyncio.create_task(cache.fetch("users", "1", ttl=60, load=source.load))
        await asyncio.sleep(0)  # it has begun to pay, and Redis has not answered yet
        breaker.failed()
        await cache.invalidate("posts")
        await paying
        assert list(cache._owed) == ["posts"]
        clock.now += 6
        source.value = "third"
        assert await body(cache, source) == b"third"
        assert not cache._owed


async def test_an_invalidation_whose_client_hangs_up_is_not_forgotten() -> None:
    source = Source()
    async with a_cache_of_its_own(Clock()) as (server, cache, _):
        await body(cache, source)
        server.freeze()
        write = asyncio.create_task(cache.invalidate("posts"))
        await asyncio.sleep(0)
        write.cancel()
        with pytest.raises(asyncio.CancelledError):
            await write
        server.thaw()
        assert list(cache._owed) == ["posts"]
        await body(cache, source)
        assert not cache._owed


async def test_while_redis_takes_no_writes_nothing_old_is_read_from_it() -> None:
    source = Source("before")
    async with running_redis() as server:
        client = connect_redis(server.url)
        cache = RedisCache(client, breaker=CircuitBreaker(failures=100))
        await body(cache, source)
        await client.config_set("min-replicas-to-write", 1)
        source.value = "after"
        await cache.invalidate("posts")
        assert await body(cache, source) == b"after"
        await client.config_set("min-replicas-to-write", 0)
        assert [await body(cache, source) for _ in range(2)] == [b"after"] * 2
        assert source.loads == 3
        await client.aclose()


async def test_an_answer_that_comes_too_late_is_not_taken_for_the_next_one() -> None:
    async with running_redis() as server:
        client = connect_redis(server.url, connections=1)
        cache = RedisCache(client, breaker=CircuitBreaker(failures=100))
        sources = {namespace: Source(namespace) for namespace in ("posts", "users")}
        for namespace, source in sources.items():
            await body(cache, source, namespace)
        server.freeze()
        assert await body(cache, sources["posts"], "posts") == b"posts"
        server.thaw()
        assert [await body(cache, sources["users"], "users") for _ in range(5)] == [b"users"] * 5
        assert sources["users"].loads == 1
        await client.aclose()
