"""Rate limits: how many pass, what the headers promise, how much memory it takes."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import Redis
from redis_server import running_redis

from backend.reference.circuit_breaker import CircuitBreaker
from backend.reference.errors import RateLimitedError
from backend.reference.rate_limit import (
    Limit,
    MemoryRateLimiter,
    RateLimiter,
    Verdict,
    rate_limit_headers,
    require_allowed,
)
from backend.reference.rate_limit_redis import RedisRateLimiter
from backend.reference.redis_client import connect_redis

DEFAULT = Limit("default", 100, 60)
NARROW = Limit("narrow", 5, 60)


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self, now: float = 600_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class FixedWindow:
    """The weakened twin: it forgets at the end of each window, so twice the quota passes around it."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.counts: dict[tuple[str, int], int] = {}

    async def hit(self, key: str, limit: Limit) -> Verdict:
        place = (key, int(self.clock() // limit.window))
        self.counts[place] = self.counts.get(place, 0) + 1
        return Verdict(self.counts[place] <= limit.quota, limit, 0, 1)


async def passing(limiter: RateLimiter, key: str, limit: Limit, attempts: int) -> int:
    return sum([(await limiter.hit(key, limit)).allowed for _ in range(attempts)])


async def around_the_end_of_a_window(limiter: RateLimiter, clock: Clock) -> int:
    """Requests that pass within two seconds, on both sides of a multiple of the window."""
    clock.now = 600_059.0
    before = await passing(limiter, "a", DEFAULT, 200)
    clock.now = 600_061.0
    return before + await passing(limiter, "a", DEFAULT, 200)


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    client = connect_redis(redis_url)
    yield client
    await client.aclose()


async def test_the_quota_passes_and_no_more() -> None:
    limiter = MemoryRateLimiter(clock=Clock())
    assert await passing(limiter, "a", DEFAULT, 150) == 100
    assert await passing(limiter, "b", DEFAULT, 1) == 1


async def test_limits_of_different_names_count_apart() -> None:
    limiter = MemoryRateLimiter(clock=Clock())
    await passing(limiter, "a", NARROW, 5)
    assert not (await limiter.hit("a", NARROW)).allowed
    assert (await limiter.hit("a", DEFAULT)).allowed


async def test_no_second_quota_passes_at_the_end_of_a_window() -> None:
    clock = Clock()
    assert await around_the_end_of_a_window(MemoryRateLimiter(clock=clock), clock) <= 102
    assert await around_the_end_of_a_window(FixedWindow(clock), clock) == 200


@given(
    st.integers(1, 20),
    st.integers(1, 90),
    st.lists(st.floats(0, 40, allow_nan=False), min_size=1, max_size=60),
)
async def test_a_refused_client_that_waits_as_told_is_let_in_and_not_much_later_than_needed(
    quota: int, window: int, pauses: list[float]
) -> None:
    clock, limit = Clock(), Limit("any", quota, window)
    limiter = MemoryRateLimiter(clock=clock)
    for pause in pauses:
        clock.now += pause
        verdict = limiter.judge("a", limit)
        assert 0 <= verdict.remaining < quota
        if not verdict.allowed:
            assert 1 <= verdict.reset_seconds <= 2 * window
            refused_at = clock.now
            clock.now = refused_at + verdict.reset_seconds - 1.001
            assert clock.now < refused_at or not limiter.judge("a", limit).allowed
            clock.now = refused_at + verdict.reset_seconds
            assert limiter.judge("a", limit).allowed


async def test_what_remains_passes() -> None:
    clock = Clock()
    limiter = MemoryRateLimiter(clock=clock)
    await passing(limiter, "a", DEFAULT, 60)
    clock.now += 90
    verdict = await limiter.hit("a", DEFAULT)
    assert verdict.remaining == 69
    assert await passing(limiter, "a", DEFAULT, 100) == 69


async def test_many_addresses_take_bounded_memory_and_push_out_no_one_who_keeps_asking() -> None:
    limiter = MemoryRateLimiter(max_keys=1000, clock=Clock())
    refused = 0
    for number in range(20_000):
        limiter.judge(f"address {number}", NARROW)
        if number % 100 == 0:
            refused += not limiter.judge("greedy", NARROW).allowed
    assert len(limiter) == 1000
    assert refused == 195


async def test_who_asks_now_and_then_is_not_pushed_out_by_those_who_ask_once() -> None:
    limiter = MemoryRateLimiter(max_keys=1000, clock=Clock())
    remaining = []
    for number in range(2000):
        limiter.judge(f"address {number}", DEFAULT)
        if number % 100 == 0:
            remaining.append(limiter.judge("steady", DEFAULT).remaining)
    assert remaining == list(range(99, 79, -1))


async def test_a_limiter_that_forgets_by_age_alone_lets_a_flood_wash_the_greedy_away() -> None:
    class FirstInFirstOut(MemoryRateLimiter):
        def judge(self, key: str, limit: Limit) -> Verdict:
            order = list(self._counts)
            verdict = super().judge(key, limit)
            for place in order:
                if place in self._counts:
                    self._counts.move_to_end(place)
            if (limit.name, key) not in order:
                self._counts.move_to_end((limit.name, key))
            return verdict

    limiter = FirstInFirstOut(max_keys=50, clock=Clock())
    refused = 0
    for number in range(1000):
        limiter.judge(f"address {number}", NARROW)
        if number % 5 == 0:
            refused += not limiter.judge("greedy", NARROW).allowed
    assert refused < 195 - 50


def test_the_headers_are_those_of_the_draft() -> None:
    assert rate_limit_headers(Verdict(True, DEFAULT, 99, 60)) == {
        "RateLimit-Policy": '"default";q=100;w=60',
        "RateLimit": '"default";r=99;t=60',
    }


def test_a_refusal_says_when_to_come_back() -> None:
    require_allowed(Verdict(True, DEFAULT, 0, 7))
    with pytest.raises(RateLimitedError) as caught:
        require_allowed(Verdict(False, DEFAULT, 0, 7))
    assert caught.value.status == 429
    assert caught.value.headers == {
        "RateLimit-Policy": '"default";q=100;w=60',
        "RateLimit": '"default";r=0;t=7',
        "Retry-After": "7",
    }


@pytest.mark.parametrize(
    ("name", "quota", "window"), [("default", 0, 60), ("default", 1, 0), ('a"b', 1, 1), ("", 1, 1)]
)
def test_a_limit_that_means_nothing_is_not_made(name: str, quota: int, window: int) -> None:
    with pytest.raises(ValueError, match="not a limit"):
        Limit(name, quota, window)


async def test_two_processes_share_one_count_in_redis(redis: Redis, redis_url: str) -> None:
    prefix, other = uuid4().hex, connect_redis(redis_url)
    limiters = [RedisRateLimiter(redis, prefix=prefix), RedisRateLimiter(other, prefix=prefix)]
    verdicts = [await limiters[number % 2].hit("a", NARROW) for number in range(10)]
    assert [verdict.allowed for verdict in verdicts] == [True] * 5 + [False] * 5
    assert [verdict.remaining for verdict in verdicts] == [4, 3, 2, 1, 0, *[0] * 5]
    assert all(60 < verdict.reset_seconds <= 72 for verdict in verdicts[5:])
    assert (await limiters[1].hit("b", NARROW)).allowed
    await other.aclose()


async def test_counts_of_each_process_alone_let_more_through() -> None:
    limiters = [MemoryRateLimiter(clock=Clock()), MemoryRateLimiter(clock=Clock())]
    assert sum([(await limiters[number % 2].hit("a", NARROW)).allowed for number in range(20)]) == 10


async def test_without_redis_requests_pass_but_are_still_limited(caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    async with running_redis() as server:
        client = connect_redis(server.url)
        breaker = CircuitBreaker(failures=1, rest=5, clock=clock)
        limiter = RedisRateLimiter(client, breaker=breaker, fallback=MemoryRateLimiter(clock=clock))
        assert await passing(limiter, "a", NARROW, 10) == 5
        await server.stop()
        assert await passing(limiter, "a", NARROW, 10) == 5
        assert [record.message.split(":")[0] for record in caplog.records] == ["Redis is away"]
        await server.start()
        assert await passing(limiter, "a", NARROW, 1) == 0
        clock.now += 6
        assert await passing(limiter, "a", NARROW, 10) == 5
        await client.aclose()


async def test_a_redis_that_says_nothing_holds_up_few_requests_and_each_for_a_moment() -> None:
    clock = Clock()
    async with running_redis() as server:
        client = connect_redis(server.url)
        breaker = CircuitBreaker(failures=2, rest=5, clock=clock)
        limiter = RedisRateLimiter(client, breaker=breaker, fallback=MemoryRateLimiter(clock=clock))
        await limiter.hit("a", DEFAULT)
        server.freeze()
        assert await passing(limiter, "a", DEFAULT, 100) == 100
        assert breaker.open
        server.thaw()
        clock.now += 6
        await limiter.hit("a", DEFAULT)
        assert not breaker.open
        await client.aclose()


def test_a_breaker_lets_one_trial_through_each_rest() -> None:
    clock = Clock()
    breaker = CircuitBreaker(failures=2, rest=5, clock=clock)
    breaker.failed()
    assert breaker.allows()
    breaker.failed()
    assert [breaker.allows() for _ in range(3)] == [False] * 3
    clock.now += 5
    assert [breaker.allows() for _ in range(3)] == [True, False, False]
    breaker.failed()
    clock.now += 4.9
    assert not breaker.allows()
    clock.now += 0.1
    assert breaker.allows()
    breaker.succeeded()
    assert [breaker.allows() for _ in range(3)] == [True] * 3


def test_a_failure_now_and_then_does_not_open_a_breaker() -> None:
    breaker = CircuitBreaker(failures=2, clock=Clock())
    for _ in range(10):
        breaker.failed()
        breaker.succeeded()
    assert not breaker.open


def test_reset_times_are_whole_seconds() -> None:
    verdict = MemoryRateLimiter(clock=Clock(600_000.25)).judge("a", DEFAULT)
    assert verdict.reset_seconds == math.ceil(59.75)
