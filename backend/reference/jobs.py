"""Periodic jobs that run once, however many workers there are."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Column, String, Table, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from .database import Base, Database
from .events.event import utcnow
from .events.wakeup import first_of
from .types import UtcDateTime

log = logging.getLogger(__name__)

periodic_jobs = Table(
    "periodic_jobs",
    Base.metadata,
    Column("name", String(100), primary_key=True),
    Column("due_at", UtcDateTime, nullable=False),
)


@dataclass(frozen=True, slots=True)
class PeriodicJob:
    """Work to be done again and again, in one transaction each time: keep it short, the rest is for the next time."""

    name: str
    every: timedelta
    run: Callable[[AsyncConnection], Awaitable[object]]


async def run_if_due(database: Database, job: PeriodicJob, now: datetime) -> bool:
    """Run a job if its time has come and no other worker is at it.

    The row of the job is locked while it runs, and its next time is committed with its work: a worker that dies
    in the middle leaves the job due.

    Returns:
        Whether it ran.
    """

    async def work(connection: AsyncConnection) -> bool:
        insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
        await connection.execute(insert(periodic_jobs).values(name=job.name, due_at=now).on_conflict_do_nothing())
        due = (
            select(periodic_jobs.c.name)
            .where(periodic_jobs.c.name == job.name, periodic_jobs.c.due_at <= now)
            .with_for_update(skip_locked=True)
        )
        if (await connection.execute(due)).first() is None:
            return False
        await job.run(connection)
        await connection.execute(
            update(periodic_jobs).where(periodic_jobs.c.name == job.name).values(due_at=now + job.every)
        )
        return True

    return await database.write(work)


async def run_jobs(
    database: Database,
    jobs: Sequence[PeriodicJob],
    stop: asyncio.Event,
    *,
    tick: float = 5.0,
    clock: Callable[[], datetime] = utcnow,
) -> None:
    """Run jobs when they are due until ``stop`` is set, looking every ``tick`` seconds. A failure is logged."""
    while not stop.is_set():
        for job in jobs:
            try:
                await run_if_due(database, job, clock())
            except Exception:
                log.exception("Job %s failed", job.name)
        await first_of(stop, seconds=tick)
