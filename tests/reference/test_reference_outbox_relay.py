"""The relay and consumers, with a real Redis and without one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from outbox_program import effects, record_effect
from outbox_redis import OwnRedis
from outbox_rounds import tables_at
from redis.asyncio import Redis
from redis.exceptions import ResponseError
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.reference.database import Database
from backend.reference.errors import UnavailableError
from backend.reference.events.consumer import Consumer, Handler, HandlerError, InProcess, deliver
from backend.reference.events.event import Event, utcnow
from backend.reference.events.outbox import Claimed, emit, republish
from backend.reference.events.relay import Destination, Relay
from backend.reference.events.stream import RedisStream, StreamFullError
from backend.reference.events.stream_consumer import StreamConsumer
from backend.reference.events.tables import outbox_events
from backend.reference.events.wakeup import wake_after_emit
from backend.reference.ids import uuid7
from backend.reference.redis_client import connect_redis

pytest_plugins = ("outbox_fixtures",)

A, B = UUID(int=1), UUID(int=2)
STREAM = "orders"
BLOCK = timedelta(milliseconds=50)


@pytest.fixture
async def redis(redis_server: OwnRedis) -> AsyncIterator[Redis]:
    async with connect_redis(redis_server.url, patience=5.0) as client:
        yield client


def created(aggregate_id: UUID, number: int = 0) -> Event:
    return Event(type="order.created", aggregate_id=aggregate_id, payload={"number": number})


async def emitted(database: Database, *events: Event) -> None:
    await database.write(lambda connection: emit(connection, *events))


def relay_of(database: Database, destination: Destination, **options: Any) -> Relay:
    return Relay(database, destination, wake=asyncio.Event(), **options)


def member_of(redis: Redis, database: Database, handlers: Mapping[str, Handler], **options: Any) -> StreamConsumer:
    settings: dict[str, Any] = {
        "batch_size": 20,
        "retry_after": timedelta(milliseconds=100),
        "max_attempts": 3,
        "block": BLOCK,
    }
    return StreamConsumer(redis, database, Consumer("effects", handlers), stream=STREAM, **{**settings, **options})


@asynccontextmanager
async def running(*parts: Relay | StreamConsumer) -> AsyncIterator[None]:
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        for part in parts:
            group.create_task(part.run(stop))
        try:
            yield
        finally:
            stop.set()


async def handled(database: Database) -> list[UUID]:
    async with database.engine.connect() as connection:
        return list((await connection.scalars(select(effects.c.event_id))).all())


async def until_handled(database: Database, events: Sequence[Event]) -> None:
    async with asyncio.timeout(20):
        while len(await handled(database)) < len(events):
            await asyncio.sleep(0.01)


async def until_delivered(redis: Redis, *, times: int) -> None:
    async with asyncio.timeout(20):
        delivered = 0
        while delivered < times:
            await asyncio.sleep(0.01)
            with suppress(ResponseError):  # there is no group yet
                pending: Any = await redis.xpending_range(STREAM, "effects", "-", "+", 1)
                delivered = pending[0]["times_delivered"] if pending else 0


async def on_stream(redis: Redis) -> list[Event]:
    entries: Any = await redis.xrange(STREAM)
    return [Event.from_fields(fields) for _, fields in entries]


class Counting:
    """A handler that counts its calls, fails at the first ones, and then records the effect."""

    def __init__(self, failures: int = 0, error: type[Exception] = ValueError) -> None:
        self.calls = 0
        self._failures = failures
        self._error = error

    async def __call__(self, connection: AsyncConnection, event: Event) -> None:
        self.calls += 1
        await record_effect(connection, event)
        if self.calls <= self._failures:
            raise self._error("not now")


async def test_a_relay_is_woken_by_the_commit(events_database: Database, redis: Redis) -> None:
    wake = asyncio.Event()
    wake_after_emit(events_database.engine, wake)
    relay = Relay(events_database, RedisStream(redis, STREAM), wake=wake, poll_interval=3600)
    async with running(relay), asyncio.timeout(10):
        for number in range(3):
            event = created(A, number)
            await emitted(events_database, event)
            await redis.xread({STREAM: "0"}, block=5000)
            while event not in await on_stream(redis):
                await asyncio.sleep(0.005)


async def test_relays_beside_each_other_publish_once_and_in_order(postgres_url: str, redis: Redis) -> None:
    rows = [uuid7() for _ in range(7)]
    events = [created(rows[number % 7], number) for number in range(700)]
    async with tables_at(postgres_url) as database:
        relays = [relay_of(database, RedisStream(redis, STREAM), batch_size=20, poll_interval=0.01) for _ in range(3)]
        async with running(*relays), asyncio.timeout(30):
            for start in range(0, 700, 50):
                await emitted(database, *events[start : start + 50])
            while await redis.xlen(STREAM) < 700:
                await asyncio.sleep(0.01)
    published = await on_stream(redis)
    assert len(published) == 700
    for row in rows:
        numbers = [event.payload["number"] for event in published if event.aggregate_id == row]
        assert numbers == sorted(numbers)


async def test_redis_gone_and_back_loses_and_doubles_nothing(
    events_database: Database, redis: Redis, redis_server: OwnRedis
) -> None:
    events = [created(uuid7(), number) for number in range(200)]
    relay = relay_of(events_database, RedisStream(redis, STREAM), batch_size=10, poll_interval=0.01)
    member = member_of(redis, events_database, {"order.created": record_effect}, max_attempts=1000)
    async with running(relay, member):
        for number, event in enumerate(events):
            await emitted(events_database, event)
            if number in (60, 140):
                await redis_server.kill()
            if number in (100, 180):
                await redis_server.start()
        await until_handled(events_database, events)
    assert sorted(await handled(events_database)) == sorted(event.id for event in events)


async def test_a_redis_that_lost_its_data_is_filled_again_from_the_outbox(
    events_database: Database, redis: Redis
) -> None:
    begin = utcnow()
    events = [created(uuid7(), number) for number in range(5)]
    relay = relay_of(events_database, RedisStream(redis, STREAM), poll_interval=0.01)
    await emitted(events_database, *events)
    await relay.publish_batch()
    await redis.flushall()
    async with running(relay, member_of(redis, events_database, {"order.created": record_effect})):
        assert await events_database.write(lambda connection: republish(connection, since=begin)) == 5
        await until_handled(events_database, events)
    assert sorted(await handled(events_database)) == sorted(event.id for event in events)


async def test_an_event_published_twice_takes_effect_once(events_database: Database, redis: Redis) -> None:
    event, other = created(A), created(B)
    stream = RedisStream(redis, STREAM)
    await stream.publish([Claimed(1, 1, event), Claimed(1, 1, event), Claimed(2, 1, other)])
    async with running(member_of(redis, events_database, {"order.created": record_effect})):
        await until_handled(events_database, [event, other])
    assert sorted(await handled(events_database)) == sorted([event.id, other.id])


async def test_consumers_of_one_group_share_and_groups_each_get_all(events_database: Database, redis: Redis) -> None:
    mail, stock = Counting(), Counting()
    events = [created(uuid7(), number) for number in range(40)]
    await RedisStream(redis, STREAM).publish([Claimed(0, 1, event) for event in events])
    members = [
        StreamConsumer(
            redis, events_database, Consumer(name, {"order.created": handler}), stream=STREAM, batch_size=5, block=BLOCK
        )
        for name, handler in (("mail", mail), ("mail", mail), ("stock", stock))
    ]
    async with running(*members):
        await until_handled(events_database, [*events, *events])
    assert (mail.calls, stock.calls) == (40, 40)


async def test_a_handler_that_fails_at_first_is_tried_again(events_database: Database, redis: Redis) -> None:
    flaky = Counting(failures=2)
    event = created(A)
    await RedisStream(redis, STREAM).publish([Claimed(1, 1, event)])
    async with running(member_of(redis, events_database, {"order.created": flaky})):
        await until_handled(events_database, [event])
    assert flaky.calls == 3
    assert await handled(events_database) == [event.id]


async def test_a_poison_message_goes_to_the_dead_letters_and_holds_up_nobody(
    events_database: Database, redis: Redis
) -> None:
    poison = Counting(failures=1000)
    bad = Event(type="order.cancelled", aggregate_id=A, payload={})
    good = created(B)
    await RedisStream(redis, STREAM).publish([Claimed(1, 1, bad), Claimed(2, 1, good)])
    await redis.xadd(STREAM, {"not": "an event"})
    handlers = {"order.created": record_effect, "order.cancelled": poison}
    async with running(member_of(redis, events_database, handlers)), asyncio.timeout(10):
        while await redis.xlen(f"{STREAM}:dead") < 2:
            await asyncio.sleep(0.01)
    letters: Any = await redis.xrange(f"{STREAM}:dead")
    [letter] = [fields for _, fields in letters if b"id" in fields]
    assert Event.from_fields(letter) == bad
    assert {name: letter[name] for name in (b"consumer", b"error", b"attempts")} == {
        b"consumer": b"effects",
        b"error": b"ValueError: not now",
        b"attempts": b"3",
    }
    assert poison.calls == 3
    assert await handled(events_database) == [good.id]
    assert (await redis.xpending(STREAM, "effects"))["pending"] == 0


@pytest.mark.parametrize("error", [OSError, TimeoutError, UnavailableError])
async def test_an_outage_that_only_the_handler_meets_counts_as_its_failure(
    events_database: Database, redis: Redis, error: type[Exception]
) -> None:
    event = created(A)
    await RedisStream(redis, STREAM).publish([Claimed(1, 1, event)])
    handlers = {"order.created": Counting(failures=1000, error=error)}
    async with running(member_of(redis, events_database, handlers, max_attempts=1)), asyncio.timeout(10):
        while not await redis.xlen(f"{STREAM}:dead"):
            await asyncio.sleep(0.01)


async def test_a_handler_that_does_not_come_to_an_end_has_failed(events_database: Database) -> None:
    async def hang(connection: AsyncConnection, event: Event) -> None:
        await record_effect(connection, event)
        await asyncio.Event().wait()

    with pytest.raises(HandlerError):
        await deliver(events_database, Consumer("mail", {"order.created": hang}, timeout=0.01), created(A))
    assert await handled(events_database) == []


async def test_a_statement_that_always_takes_too_long_makes_its_message_poison(postgres_url: str, redis: Redis) -> None:
    async def dawdle(connection: AsyncConnection, _event: Event) -> None:
        await connection.execute(select(func.pg_sleep(60)))

    good = created(B)
    slow = Event(type="order.cancelled", aggregate_id=A, payload={})
    await RedisStream(redis, STREAM).publish([Claimed(1, 1, slow), Claimed(2, 1, good)])
    handlers = {"order.cancelled": dawdle, "order.created": record_effect}
    async with (
        tables_at(postgres_url, patience=0.2) as database,
        running(member_of(redis, database, handlers, max_attempts=2)),
    ):
        await until_handled(database, [good])
        await redis.xread({f"{STREAM}:dead": "0"}, block=4000)
    [(_, letter)] = await redis.xrange(f"{STREAM}:dead")
    assert letter[b"error"] == b"QueryCanceledError: canceling statement due to statement timeout"


async def test_an_outage_of_the_database_does_not_make_a_message_poison(tmp_path: Path, redis: Redis) -> None:
    event = created(A)
    await RedisStream(redis, STREAM).publish([Claimed(1, 1, event)])
    async with tables_at(f"sqlite+aiosqlite:///{tmp_path}/app.db", patience=0.02) as database:
        member = member_of(redis, database, {"order.created": record_effect}, max_attempts=1)
        async with AsyncExitStack() as stack:
            async with database.engine.begin():  # nobody else can write meanwhile
                await stack.enter_async_context(running(member))
                await until_delivered(redis, times=3)
            await until_handled(database, [event])
    assert await redis.xlen(f"{STREAM}:dead") == 0


async def test_what_a_dead_consumer_took_is_handled_by_another(events_database: Database, redis: Redis) -> None:
    event = created(A)
    await RedisStream(redis, STREAM).publish([Claimed(1, 1, event)])
    await redis.xgroup_create(STREAM, "effects", id="0")
    await redis.xreadgroup("effects", "dead", {STREAM: ">"})
    async with running(member_of(redis, events_database, {"order.created": record_effect})):
        await until_handled(events_database, [event])
    assert [member["name"] for member in await redis.xinfo_consumers(STREAM, "effects")] == [b"dead"]


async def test_the_stream_keeps_what_is_not_handled_and_drops_what_is(events_database: Database, redis: Redis) -> None:
    stream = RedisStream(redis, STREAM, max_length=10)
    member = member_of(redis, events_database, {"order.created": record_effect})
    events = [created(uuid7(), number) for number in range(10)]
    await redis.xgroup_create(STREAM, "effects", id="0", mkstream=True)
    await stream.publish([Claimed(0, 1, event) for event in events])
    with pytest.raises(StreamFullError):
        await stream.publish([Claimed(0, 1, created(A))])
    assert await on_stream(redis) == events
    async with running(member):
        await until_handled(events_database, events)
    await stream.publish([Claimed(0, 1, created(A))])
    assert await redis.xlen(STREAM) == 2
    assert (await on_stream(redis))[0] == events[-1]


async def test_a_stream_without_readers_keeps_the_newest(redis: Redis) -> None:
    stream = RedisStream(redis, STREAM, max_length=10)
    events = [created(uuid7(), number) for number in range(14)]
    for event in events:
        await stream.publish([Claimed(0, 1, event)])
    assert await on_stream(redis) == events[5:]


async def test_without_redis_events_reach_the_consumers_of_the_process(events_database: Database) -> None:
    mail, stock = Counting(failures=1), Counting()
    consumers = [Consumer("stock", {"order.created": stock}), Consumer("mail", {"order.created": mail})]
    relay = relay_of(events_database, InProcess(events_database, consumers))
    events = [created(A, 0), created(A, 1), created(B, 2)]
    await emitted(events_database, *events)
    assert await relay.publish_batch() == 1
    assert await handled(events_database) == [events[0].id, events[2].id, events[2].id]
    async with running(relay_of(events_database, InProcess(events_database, consumers), poll_interval=0.05)):
        await until_handled(events_database, [*events, *events])
    assert (stock.calls, mail.calls) == (3, 4)
    assert [event for event in await handled(events_database) if event != events[2].id][-2:] == [events[1].id] * 2


async def test_without_redis_a_poison_event_is_given_up_in_the_outbox(events_database: Database) -> None:
    destination = InProcess(events_database, [Consumer("mail", {"order.created": Counting(failures=1000)})])
    relay = relay_of(events_database, destination, max_attempts=1)
    await emitted(events_database, created(A))
    assert await relay.publish_batch() == 0
    async with events_database.engine.connect() as connection:
        [row] = (await connection.execute(select(outbox_events.c.failed_at, outbox_events.c.error))).all()
    assert row.failed_at is not None
    assert row.error == "ValueError: not now"
