"""What both kinds of application cache promise, tried on each."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from uuid import uuid4

import pytest
from cache_help import Clock, Source

from backend.reference.cache import Cache, Entry, Load, MemoryCache, RedisCache
from backend.reference.redis_client import connect_redis


class Unprotected:
    """The weakened twin of all of them: it looks, loads and stores, and an invalidation deletes what is there."""

    def __init__(self) -> None:
        self.entries: dict[str, dict[str, Entry]] = {}

    async def fetch(self, namespace: str, key: str, *, ttl: float, load: Load, stale: float = 0.0) -> Entry:
        entries = self.entries.setdefault(namespace, {})
        if key not in entries:
            entries[key] = await load()
        return entries[key]

    async def invalidate(self, *namespaces: str) -> None:
        for namespace in namespaces:
            self.entries[namespace] = {}

    async def aclose(self) -> None:
        pass


class StoresBlindly(Unprotected):
    """Looks its namespace up only when it stores: the invalidation in between is lost."""

    async def fetch(self, namespace: str, key: str, *, ttl: float, load: Load, stale: float = 0.0) -> Entry:
        entry = self.entries.get(namespace, {}).get(key)
        if entry is None:
            entry = await load()
            self.entries.setdefault(namespace, {})[key] = entry
        return entry


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["memory", "redis"])
async def cache(request: pytest.FixtureRequest, clock: Clock, redis_url: str) -> AsyncIterator[Cache]:
    if request.param == "memory":
        yield MemoryCache(clock=clock)
        return
    client = connect_redis(redis_url)
    shared = RedisCache(client, prefix=uuid4().hex, clock=clock)
    yield shared
    await shared.aclose()
    await client.aclose()


async def a_stampede(cache: Cache, readers: int = 50) -> int:
    """How often the source is read when so many want the same entry at once."""
    source = Source()
    source.hold()
    waiting = [asyncio.create_task(cache.fetch("posts", "list", ttl=60, load=source.load)) for _ in range(readers)]
    await source.reading.wait()
    source.answer.set()
    assert {entry.body for entry in await asyncio.gather(*waiting)} == {b"first"}
    return source.loads


async def a_read_across_a_write(cache: Cache) -> bytes:
    """What is served after a write that was committed and invalidated while an earlier read was on its way."""
    source = Source("before")
    source.hold()
    early = asyncio.create_task(cache.fetch("posts", "list", ttl=60, load=source.load))
    await source.reading.wait()
    source.value = "after"
    await cache.invalidate("posts")
    source.answer.set()
    assert (await early).body == b"before"
    return (await cache.fetch("posts", "list", ttl=60, load=source.load)).body


async def test_an_entry_is_loaded_once_and_served_until_its_time_is_over(cache: Cache, clock: Clock) -> None:
    source = Source()
    first = await cache.fetch("posts", "list", ttl=60, load=source.load)
    source.value = "second"
    clock.now += 59.9
    assert await cache.fetch("posts", "list", ttl=60, load=source.load) == first == Entry.of(b"first")
    clock.now += 0.1
    assert (await cache.fetch("posts", "list", ttl=60, load=source.load)).body == b"second"
    assert source.loads == 2


async def test_keys_and_namespaces_do_not_meet(cache: Cache) -> None:
    for namespace, key in [("a", "b:c"), ("a:b", "c"), ("a", "b"), ("ab", ""), ("a", "b}"), ("{a}", "b")]:
        value = f"{namespace} {key}".encode()

        async def load(value: bytes = value) -> Entry:
            return Entry.of(value)

        assert (await cache.fetch(namespace, key, ttl=60, load=load)).body == value


async def test_a_tag_of_the_loader_is_kept(cache: Cache) -> None:
    async def load() -> Entry:
        return Entry(b"", '"7"')

    assert await cache.fetch("posts", "7", ttl=60, load=load) == Entry(b"", '"7"')
    assert await cache.fetch("posts", "7", ttl=60, load=load) == Entry(b"", '"7"')


async def test_one_of_many_readers_loads(cache: Cache) -> None:
    assert await a_stampede(cache) == 1


async def test_without_single_flight_every_reader_loads() -> None:
    assert await a_stampede(Unprotected()) == 50


async def test_an_invalidation_reaches_every_entry_of_its_namespace_and_no_other(cache: Cache) -> None:
    source = Source()

    async def fetch(namespace: str, key: str) -> bytes:
        return (await cache.fetch(namespace, key, ttl=60, load=source.load)).body

    for namespace, key in [("posts", "1"), ("posts", "2"), ("users", "1"), ("tags", "1")]:
        await fetch(namespace, key)
    source.value = "second"
    await cache.invalidate("posts", "tags")
    assert [await fetch("posts", "1"), await fetch("posts", "2"), await fetch("tags", "1")] == [b"second"] * 3
    assert await fetch("users", "1") == b"first"


async def test_what_was_read_before_a_write_is_not_served_after_it(cache: Cache) -> None:
    assert await a_read_across_a_write(cache) == b"after"


async def test_an_invalidation_that_only_deletes_is_outrun_by_a_slow_reader() -> None:
    assert await a_read_across_a_write(StoresBlindly()) == b"before"


async def test_who_asks_after_a_write_does_not_join_those_who_asked_before(cache: Cache) -> None:
    source = Source("before")
    source.hold()
    early = asyncio.create_task(cache.fetch("posts", "list", ttl=60, load=source.load))
    await source.reading.wait()
    source.value = "after"
    await cache.invalidate("posts")
    source.reading.clear()
    late = asyncio.create_task(cache.fetch("posts", "list", ttl=60, load=source.load))
    await source.reading.wait()
    source.answer.set()
    assert [(await early).body, (await late).body] == [b"before", b"after"]
    assert (await cache.fetch("posts", "list", ttl=60, load=source.load)).body == b"after"


async def test_a_late_store_from_before_a_write_does_not_take_the_place_of_a_newer_one(cache: Cache) -> None:
    slow, quick = Source("before"), Source("after")
    slow.hold()
    early = asyncio.create_task(cache.fetch("posts", "list", ttl=60, load=slow.load))
    await slow.reading.wait()
    await cache.invalidate("posts")
    await cache.fetch("posts", "list", ttl=60, load=quick.load)
    slow.answer.set()
    await early
    assert (await cache.fetch("posts", "list", ttl=60, load=quick.load)).body == b"after"


async def test_a_stale_entry_is_served_while_one_loader_renews_it(cache: Cache, clock: Clock) -> None:
    source = Source()

    async def fetch() -> bytes:
        return (await cache.fetch("posts", "list", ttl=60, stale=30, load=source.load)).body

    await fetch()
    source.value = "second"
    source.hold()
    clock.now += 61
    assert [await fetch() for _ in range(5)] == [b"first"] * 5
    await source.reading.wait()
    assert source.loads == 2
    source.answer.set()
    await until(lambda: fetch_is(fetch, b"second"))
    assert source.loads == 2


async def test_an_invalidated_entry_is_not_served_stale(cache: Cache, clock: Clock) -> None:
    source = Source()
    await cache.fetch("posts", "list", ttl=60, stale=30, load=source.load)
    source.value = "second"
    await cache.invalidate("posts")
    clock.now += 61
    assert (await cache.fetch("posts", "list", ttl=60, stale=30, load=source.load)).body == b"second"


async def test_a_loader_that_fails_fails_for_all_who_wait_and_leaves_nothing(cache: Cache) -> None:
    started, fail = asyncio.Event(), asyncio.Event()

    async def broken() -> Entry:
        started.set()
        await fail.wait()
        raise LookupError("no such post")

    waiting = [asyncio.create_task(cache.fetch("posts", "1", ttl=60, load=broken)) for _ in range(3)]
    await started.wait()
    await asyncio.sleep(0)
    fail.set()
    outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [LookupError] * 3
    assert (await cache.fetch("posts", "1", ttl=60, load=Source().load)).body == b"first"


async def test_a_renewal_that_fails_is_logged_and_tried_again(
    cache: Cache, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken() -> Entry:
        raise LookupError("no such post")

    source = Source()
    await cache.fetch("posts", "1", ttl=60, stale=30, load=source.load)
    clock.now += 61
    assert (await cache.fetch("posts", "1", ttl=60, stale=30, load=broken)).body == b"first"
    await until(lambda: logged(caplog))
    source.value = "second"

    async def fetch() -> bytes:
        return (await cache.fetch("posts", "1", ttl=60, stale=30, load=source.load)).body

    await until(lambda: fetch_is(fetch, b"second"))


async def test_when_the_loading_client_hangs_up_another_takes_over(cache: Cache) -> None:
    source = Source()
    source.hold()
    first = asyncio.create_task(cache.fetch("posts", "list", ttl=60, load=source.load))
    await source.reading.wait()
    second = asyncio.create_task(cache.fetch("posts", "list", ttl=60, load=source.load))
    third = asyncio.create_task(cache.fetch("posts", "list", ttl=60, load=source.load))
    await asyncio.sleep(0)
    source.reading.clear()
    first.cancel()
    third.cancel()
    await source.reading.wait()
    source.answer.set()
    assert (await second).body == b"first"
    assert first.cancelled()
    with pytest.raises(asyncio.CancelledError):
        await third


async def fetch_is(fetch: Callable[[], Awaitable[bytes]], body: bytes) -> bool:
    return await fetch() == body


async def logged(caplog: pytest.LogCaptureFixture) -> bool:
    return "a cached answer could not be renewed" in caplog.messages


async def until(happened: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(10):
        while not await happened():
            await asyncio.sleep(0)
