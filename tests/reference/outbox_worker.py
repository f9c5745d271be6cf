"""A worker process as an application has it: handles orders and runs a job; started and stopped by tests.

Takes the addresses of the database and of Redis (may be empty). Prints ``started`` when the job has run.
With ``stuck`` as third argument its handler never comes to an end; it prints ``stuck`` then.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import timedelta

from outbox_program import record_effect
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.reference.database import Database
from backend.reference.events.consumer import Consumer
from backend.reference.events.event import Event
from backend.reference.jobs import PeriodicJob
from backend.reference.settings import Settings
from backend.reference.worker import run_worker


async def never_end(_connection: AsyncConnection, _event: Event) -> None:
    print("stuck", flush=True)
    await asyncio.Event().wait()


async def announce(_connection: AsyncConnection) -> None:
    print("started", flush=True)


async def main(database_url: str, redis_url: str, handler: str = "") -> None:
    settings = {"database_url": database_url, "environment": "development"}
    database = Database.of(Settings.model_validate(settings))
    handle = never_end if handler == "stuck" else record_effect
    await run_worker(
        database,
        redis_url,
        stream="orders",
        consumers=[Consumer("effects", {"order.created": handle})],
        jobs=[PeriodicJob("announce", timedelta(microseconds=1), announce)],
    )
    await database.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
