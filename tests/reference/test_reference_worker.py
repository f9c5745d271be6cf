"""The worker process: stopped in the middle of its work it finishes what it has begun; jobs run once."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from outbox_program import effects
from outbox_redis import OwnRedis
from outbox_rounds import ROOT, tables_at
from redis.asyncio import Redis
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.reference.database import Database
from backend.reference.events.event import Event
from backend.reference.events.outbox import emit
from backend.reference.ids import uuid7
from backend.reference.jobs import PeriodicJob, run_if_due, run_jobs

pytest_plugins = ("outbox_fixtures",)

PROGRAM = Path(__file__).with_name("outbox_worker.py")
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
EVENTS = 1200


@asynccontextmanager
async def worker(*arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A worker process that is killed at the end, if it still runs."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(PROGRAM),
        *arguments,
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.communicate()


async def said(process: asyncio.subprocess.Process, word: str) -> None:
    assert process.stdout
    async with asyncio.timeout(20):
        while (await process.stdout.readline()).decode().strip() != word:
            assert not process.stdout.at_eof()


async def emitted(database: Database, count: int) -> None:
    events = [Event(type="order.created", aggregate_id=uuid7(), payload={}) for _ in range(count)]
    await database.write(lambda connection: emit(connection, *events))


async def effects_in(database: Database) -> tuple[int, int]:
    """How many effects there are, and of how many events."""
    event_id = effects.c.event_id
    async with database.engine.connect() as connection:
        row = (await connection.execute(select(func.count(event_id), func.count(event_id.distinct())))).one()
    return row[0], row[1]


async def until_effects(database: Database, count: int) -> None:
    async with asyncio.timeout(20):
        while (await effects_in(database))[0] < count:
            await asyncio.sleep(0.005)


@pytest.mark.parametrize("with_redis", [True, False], ids=["redis", "in process"])
async def test_a_worker_told_to_stop_finishes_what_it_began_and_the_next_does_the_rest(
    events_url: str, with_redis: bool, redis_server: OwnRedis
) -> None:
    redis_url = redis_server.url if with_redis else ""
    async with tables_at(events_url) as database:
        await emitted(database, EVENTS)
        async with worker(events_url, redis_url) as process:
            await until_effects(database, 30)
            process.send_signal(signal.SIGTERM)
            assert await asyncio.wait_for(process.wait(), 10) == 0
        assert (await effects_in(database))[0] < EVENTS
        if with_redis:
            async with Redis.from_url(redis_url) as redis:
                assert (await redis.xpending("orders", "effects"))["pending"] == 0
                assert await redis.xinfo_consumers("orders", "effects") == []
        async with worker(events_url, redis_url) as process:
            await until_effects(database, EVENTS)
            process.send_signal(signal.SIGINT)
            assert await asyncio.wait_for(process.wait(), 10) == 0
        assert await effects_in(database) == (EVENTS, EVENTS)


async def test_a_second_signal_ends_a_worker_that_cannot_finish(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/app.db"
    async with tables_at(url) as database, worker(url, "", "stuck") as process:
        await emitted(database, 1)
        await said(process, "stuck")
        process.send_signal(signal.SIGTERM)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(process.wait(), 0.3)
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 10) == -signal.SIGTERM


async def test_an_idle_worker_runs_its_jobs_and_stops_at_once(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/app.db"
    async with tables_at(url), worker(url, "") as process:
        await said(process, "started")
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 5) == 0


class Counted:
    """A job that counts its runs, and fails at the first ones."""

    def __init__(self, failures: int = 0) -> None:
        self.runs = 0
        self._failures = failures
        self.ran = asyncio.Event()

    async def __call__(self, connection: AsyncConnection) -> None:
        self.runs += 1
        self.ran.set()
        await connection.execute(effects.insert().values(event_id=uuid7()))
        if self.runs <= self._failures:
            raise ValueError("not now")


async def test_of_several_workers_one_runs_a_job_when_it_is_due(events_database: Database) -> None:
    count = Counted()
    job = PeriodicJob("count", timedelta(hours=1), count)
    for moment in (NOW, NOW + timedelta(minutes=59), NOW + timedelta(minutes=60)):
        ran = await asyncio.gather(*(run_if_due(events_database, job, moment) for _ in range(5)))
        assert sum(ran) == (moment != NOW + timedelta(minutes=59))
    assert count.runs == 2


async def test_a_job_that_failed_is_undone_and_stays_due(events_database: Database) -> None:
    job = PeriodicJob("count", timedelta(hours=1), Counted(failures=1))
    with pytest.raises(ValueError, match="not now"):
        await run_if_due(events_database, job, NOW)
    assert await effects_in(events_database) == (0, 0)
    assert await run_if_due(events_database, job, NOW)
    assert await effects_in(events_database) == (1, 1)


async def test_a_job_that_fails_does_not_keep_others_from_running(events_database: Database) -> None:
    failing, other = Counted(failures=1000), Counted()
    jobs = [PeriodicJob("failing", timedelta(hours=1), failing), PeriodicJob("other", timedelta(hours=1), other)]
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(run_jobs(events_database, jobs, stop))
        await asyncio.wait_for(other.ran.wait(), 10)
        stop.set()
    assert failing.runs == 1
