"""The background worker: publishes events, lets consumers handle them, runs periodic jobs."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from .database import Database
from .events.consumer import Consumer, InProcess
from .events.event import utcnow
from .events.outbox import purge_processed, purge_published
from .events.relay import Relay
from .events.stream import RedisStream
from .events.stream_consumer import StreamConsumer
from .events.wakeup import wake_after_emit
from .idempotency import purge_idempotency_keys
from .jobs import PeriodicJob, run_jobs
from .redis_client import connect_redis

log = logging.getLogger(__name__)

REDIS_PATIENCE = 5.0
"""Seconds; more than a consumer asks Redis to wait for an entry."""

HANDLED_AT_ONCE = 20
"""Events a consumer takes at a time: as many are finished before a worker stops."""

KEEP_PUBLISHED = timedelta(days=7)
KEEP_SUBMITTED = timedelta(hours=24)
"""How long an ``Idempotency-Key`` is remembered."""

KEEP_PROCESSED = timedelta(days=30)
"""Longer than an event may stay in the outbox, on the stream or among the dead letters."""


async def run_worker(
    database: Database,
    redis_url: str,
    *,
    stream: str,
    consumers: Sequence[Consumer] = (),
    jobs: Sequence[PeriodicJob] = (),
) -> None:
    """Work until SIGTERM or SIGINT, then finish what is under way. A second signal ends the process at once."""
    stop = asyncio.Event()
    with _stopping_on_signals(stop):
        log.info("Worker started")
        await work(database, redis_url, stop, stream=stream, consumers=consumers, jobs=jobs)
        log.info("Worker stopped")


async def work(
    database: Database,
    redis_url: str,
    stop: asyncio.Event,
    *,
    stream: str,
    consumers: Sequence[Consumer] = (),
    jobs: Sequence[PeriodicJob] = (),
) -> None:
    """What a worker does, for a process that has other things to do as well.

    Without a ``redis_url`` the events go from the outbox straight to the consumers.
    """
    wake = asyncio.Event()
    wake_after_emit(database.engine, wake)
    async with AsyncExitStack() as resources, asyncio.TaskGroup() as group:
        relay = Relay(database, InProcess(database, consumers), wake=wake, batch_size=HANDLED_AT_ONCE)
        if redis_url:
            redis = await resources.enter_async_context(connect_redis(redis_url, patience=REDIS_PATIENCE))
            relay = Relay(database, RedisStream(redis, stream), wake=wake)
            for consumer in consumers:
                member = StreamConsumer(redis, database, consumer, stream=stream, batch_size=HANDLED_AT_ONCE)
                group.create_task(member.run(stop))
        group.create_task(relay.run(stop))
        group.create_task(run_jobs(database, [*jobs, *_purges()], stop))


def _purges() -> Sequence[PeriodicJob]:
    async def published(connection: AsyncConnection) -> None:
        await purge_published(connection, before=utcnow() - KEEP_PUBLISHED)

    async def processed(connection: AsyncConnection) -> None:
        await purge_processed(connection, before=utcnow() - KEEP_PROCESSED)

    async def submitted(connection: AsyncConnection) -> None:
        await purge_idempotency_keys(connection, before=utcnow() - KEEP_SUBMITTED)

    return (
        PeriodicJob("purge_idempotency_keys", timedelta(hours=1), submitted),
        PeriodicJob("purge_published_events", timedelta(minutes=1), published),
        PeriodicJob("purge_processed_events", timedelta(hours=1), processed),
    )


@contextmanager
def _stopping_on_signals(stop: asyncio.Event) -> Iterator[None]:
    loop = asyncio.get_running_loop()

    def received() -> None:
        stop.set()
        restore()

    def restore() -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, received)
    try:
        yield
    finally:
        restore()
