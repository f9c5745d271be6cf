"""The cache in memory stays within its bounds; the memo lives as long as its request."""

from __future__ import annotations

import asyncio
import gc
from typing import Any

import pytest
from cache_help import Clock, Source
from hypothesis import given
from hypothesis import strategies as st

from backend.reference.cache import Entry, MemoryCache, RequestMemo


async def fill(cache: MemoryCache, key: str, body: bytes = b"x") -> bool:
    """Fetch the entry; whether it had to be loaded."""
    loaded = False

    async def load() -> Entry:
        nonlocal loaded
        loaded = True
        return Entry.of(body)

    await cache.fetch("posts", key, ttl=60, load=load)
    return loaded


async def test_of_too_many_entries_the_least_recently_used_goes() -> None:
    cache = MemoryCache(max_entries=3)
    for key in "abc":
        await fill(cache, key)
    assert not await fill(cache, "a")
    await fill(cache, "d")
    assert [key for key in "acd" if not await fill(cache, key)] == ["a", "c", "d"]
    assert await fill(cache, "b")
    assert len(cache) == 3


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 3000)), max_size=60))
async def test_the_bytes_held_stay_within_their_bound(fetches: list[tuple[int, int]]) -> None:
    clock = Clock()
    cache = MemoryCache(max_bytes=5000, clock=clock)
    for key, size in fetches:
        clock.now += 25
        await fill(cache, str(key), bytes(size))
        assert 0 <= cache.size <= 5000
        assert (cache.size == 0) is (len(cache) == 0)


async def test_an_answer_larger_than_the_cache_is_served_and_pushes_nothing_out() -> None:
    cache = MemoryCache(max_bytes=2000)
    await fill(cache, "small")
    assert await fill(cache, "large", bytes(3000))
    assert await fill(cache, "large", bytes(3000))
    assert not await fill(cache, "small")


async def test_with_too_many_namespaces_everything_becomes_unreachable_rather_than_old_entries_reachable() -> None:
    cache = MemoryCache(max_namespaces=10)
    await fill(cache, "a")
    await cache.invalidate("posts")
    for number in range(10):
        await cache.invalidate(f"tenant {number}")
    assert await fill(cache, "a")
    assert not await fill(cache, "a")


async def test_forgetting_a_generation_alone_brings_old_entries_back() -> None:
    cache = MemoryCache()
    await fill(cache, "a")
    await cache.invalidate("posts")
    cache._generations.clear()
    assert not await fill(cache, "a")


async def test_a_late_entry_from_before_a_write_does_not_push_a_newer_one_out() -> None:
    cache, slow, quick = MemoryCache(), Source("before"), Source("after")
    slow.hold()
    early = asyncio.create_task(cache.fetch("posts", "list", ttl=60, load=slow.load))
    await slow.reading.wait()
    await cache.invalidate("posts")
    await cache.fetch("posts", "list", ttl=60, load=quick.load)
    slow.answer.set()
    await early
    await cache.fetch("posts", "list", ttl=60, load=quick.load)
    assert quick.loads == 1


async def test_a_loader_that_fails_for_a_single_reader_is_reported_to_that_reader_alone() -> None:
    async def broken() -> Entry:
        raise LookupError

    complaints: list[object] = []
    loop = asyncio.get_running_loop()
    before = loop.get_exception_handler()
    loop.set_exception_handler(lambda _, context: complaints.append(context))
    try:
        with pytest.raises(LookupError):
            await MemoryCache().fetch("posts", "1", ttl=60, load=broken)
        gc.collect()
    finally:
        loop.set_exception_handler(before)
    assert complaints == []


async def test_closing_stops_renewals() -> None:
    clock, source = Clock(), Source()
    cache = MemoryCache(clock=clock)
    await cache.fetch("posts", "list", ttl=60, stale=30, load=source.load)
    source.hold()
    clock.now += 61
    await cache.fetch("posts", "list", ttl=60, stale=30, load=source.load)
    await source.reading.wait()
    await cache.aclose()
    assert all(task is asyncio.current_task() or "Renewals" not in repr(task) for task in asyncio.all_tasks())


async def test_a_memo_loads_once_a_request_even_for_those_who_ask_together() -> None:
    calls = 0

    async def load() -> None:
        nonlocal calls
        calls += 1
        await asyncio.sleep(0)

    scope: dict[str, Any] = {"type": "http"}
    await asyncio.gather(*(RequestMemo.of(scope).get("user", load) for _ in range(5)))
    assert await RequestMemo.of(scope).get("user", load) is None
    assert calls == 1
    await RequestMemo.of({"type": "http"}).get("user", load)
    assert calls == 2


async def test_a_memo_forgets_what_the_request_has_changed_and_keeps_no_failure() -> None:
    memo, source = RequestMemo(), Source()

    async def broken() -> None:
        raise LookupError

    with pytest.raises(LookupError):
        await memo.get("post", broken)
    assert (await memo.get("post", source.load)).body == b"first"
    source.value = "second"
    assert (await memo.get("post", source.load)).body == b"first"
    memo.forget("post")
    memo.forget("never seen")
    assert (await memo.get("post", source.load)).body == b"second"
