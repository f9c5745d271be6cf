"""An application that writes orders and events, publishes and handles them; tests start, kill and start it again."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing.connection import Connection
from typing import Any

from redis.asyncio.connection import AbstractConnection
from sqlalchemy import Column, Integer, Table, Uuid, event, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

import backend_architect  # noqa: F401  (claims the import path)
from backend.reference.database import Base, Database
from backend.reference.events import stream_consumer
from backend.reference.events.consumer import Consumer
from backend.reference.events.event import Event
from backend.reference.events.outbox import Outcome, claim, emit, settle
from backend.reference.events.relay import Relay
from backend.reference.events.stream import RedisStream
from backend.reference.events.stream_consumer import Entry, StreamConsumer
from backend.reference.events.tables import outbox_events
from backend.reference.events.wakeup import wake_after_emit
from backend.reference.ids import uuid7
from backend.reference.redis_client import connect_redis
from backend.reference.settings import Settings

LEASE = timedelta(seconds=0.5)

orders = Table("orders", Base.metadata, Column("id", Uuid, primary_key=True), Column("number", Integer, nullable=False))
effects = Table("effects", Base.metadata, Column("event_id", Uuid, nullable=False), Column("order_id", Uuid))
"""What the consumer does; without any constraint, so that doing it twice shows."""


@dataclass(frozen=True)
class Plan:
    """What one start of the program is to do."""

    database_url: str
    redis_url: str
    total: int
    stream: str = "orders"
    twin: str = ""
    die_before: str = ""
    """Kill this process before a statement or Redis command in which this occurs."""
    die_at: int = 1
    """At which of them."""


class Refused(Exception):
    """A request that fails after it has emitted."""


async def write_order(database: Database, number: int, *, refuse: bool = False) -> None:
    """An order and its event, together or not at all."""

    async def work(connection: AsyncConnection) -> None:
        order_id = uuid7()
        await connection.execute(insert(orders).values(id=order_id, number=number))
        await emit(connection, Event(type="order.created", aggregate_id=order_id, payload={"number": number}))
        if refuse:
            raise Refused

    await database.write(work)


async def write_then_emit(database: Database, number: int, *, refuse: bool = False) -> None:
    """Weakened twin: the event in a transaction of its own."""
    if refuse:
        return
    order_id = uuid7()
    happened = Event(type="order.created", aggregate_id=order_id, payload={"number": number})

    async def change(connection: AsyncConnection) -> None:
        await connection.execute(insert(orders).values(id=order_id, number=number))

    await database.write(change)
    await database.write(lambda connection: emit(connection, happened))


async def emit_then_write(database: Database, number: int, *, refuse: bool = False) -> None:
    """Weakened twin: the event before the change it tells of."""
    order_id = uuid7()
    happened = Event(type="order.created", aggregate_id=order_id, payload={"number": number})
    await database.write(lambda connection: emit(connection, happened))
    if refuse:
        raise Refused

    async def change(connection: AsyncConnection) -> None:
        await connection.execute(insert(orders).values(id=order_id, number=number))

    await database.write(change)


class HastyRelay(Relay):
    """Weakened twin: marks events as published before it publishes them."""

    async def publish_batch(self) -> int:
        now = self._clock()
        batch = await self._database.write(
            lambda connection: claim(connection, limit=self._batch_size, now=now, lease=LEASE)
        )
        if batch:
            outcome = Outcome(published=[claimed.sequence for claimed in batch])
            await self._database.write(lambda connection: settle(connection, batch, outcome, now=now, retry_at={}))
            await self._destination.publish(batch)
        return len(batch)


async def deliver_without_memory(database: Database, consumer: Consumer, happened: Event) -> bool:
    """Weakened twin: handles whatever comes, seen before or not."""
    await database.write(lambda connection: consumer.handlers[happened.type](connection, happened))
    return True


class HastyConsumer(StreamConsumer):
    """Weakened twin: acknowledges entries before it handles them."""

    async def _handle(self, entries: Sequence[Entry]) -> None:
        if entries:
            await self._redis.xack(self._stream, self._consumer.name, *(entry_id for entry_id, _ in entries))
        await super()._handle(entries)


WRITERS: dict[str, Callable[..., Awaitable[None]]] = {
    "emit after commit": write_then_emit,
    "emit before the change": emit_then_write,
}


async def record_effect(connection: AsyncConnection, happened: Event) -> None:
    await connection.execute(insert(effects).values(event_id=happened.id, order_id=happened.aggregate_id))


def die_as_planned(plan: Plan, database: Database) -> None:
    """Kill this process before the step that the plan names."""
    seen = 0

    def reached(step: str) -> None:
        nonlocal seen
        seen += plan.die_before in step
        if seen == plan.die_at:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(database.engine.sync_engine, "before_cursor_execute", lambda *arguments: reached(arguments[2]))
    event.listen(database.engine.sync_engine, "commit", lambda _: reached("COMMIT"))
    send = AbstractConnection.send_packed_command

    async def watched(self: AbstractConnection, command: bytes | Iterable[bytes], check_health: bool = True) -> None:
        packed = command if isinstance(command, bytes) else b"".join(command)
        reached(packed.decode())
        await send(self, packed, check_health)

    AbstractConnection.send_packed_command = watched  # type: ignore[method-assign]


async def write_orders(database: Database, plan: Plan, progress: Connection) -> None:
    write = WRITERS.get(plan.twin, write_order)
    async with database.engine.connect() as connection:
        written = await connection.scalar(select(func.count()).select_from(orders)) or 0
    for number in range(written, plan.total):
        if number % 10 == 5:
            with contextlib.suppress(Refused):
                await write(database, number, refuse=True)
        await write(database, number)
        progress.send(number)


async def until_all_is_handled(database: Database, redis: Any, stream: str) -> None:
    """Look until the outbox is empty and the group has read and acknowledged everything."""
    waiting = select(func.count()).select_from(outbox_events).where(outbox_events.c.published_at.is_(None))
    while True:
        async with database.engine.connect() as connection:
            left = await connection.scalar(waiting)
        if not left and await redis.exists(stream):
            last = (await redis.xinfo_stream(stream))["last-generated-id"]
            groups = await redis.xinfo_groups(stream)
            if groups and not groups[0]["pending"] and groups[0]["last-delivered-id"] == last:
                return
        await asyncio.sleep(0.02)


async def main(plan: Plan, progress: Connection) -> None:
    settings = {"database_url": plan.database_url, "environment": "development"}
    database = Database.of(Settings.model_validate(settings))
    if plan.die_before:
        die_as_planned(plan, database)
    if plan.twin == "no memory of handled events":
        stream_consumer.deliver = deliver_without_memory
    wake, stop = asyncio.Event(), asyncio.Event()
    wake_after_emit(database.engine, wake)
    make_relay = HastyRelay if plan.twin == "marked before published" else Relay
    make_member = HastyConsumer if plan.twin == "acknowledged before handled" else StreamConsumer
    consumer = Consumer("effects", {"order.created": record_effect})
    async with connect_redis(plan.redis_url, patience=5.0) as redis:
        relay = make_relay(
            database, RedisStream(redis, plan.stream), wake=wake, lease=LEASE, poll_interval=0.1, batch_size=20
        )
        member = make_member(
            redis,
            database,
            consumer,
            stream=plan.stream,
            batch_size=20,
            retry_after=timedelta(seconds=0.3),
            max_attempts=1000,
            block=timedelta(seconds=0.1),
        )
        async with asyncio.TaskGroup() as group:
            group.create_task(relay.run(stop))
            group.create_task(member.run(stop))
            await write_orders(database, plan, progress)
            await until_all_is_handled(database, redis, plan.stream)
            stop.set()
    await database.close()


def run(plan: Plan, progress: Connection) -> None:
    """The program: tells the number of each committed order, and ends when nothing is left to do."""
    asyncio.run(main(plan, progress))
