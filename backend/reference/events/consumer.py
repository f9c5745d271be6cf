"""Consumers: each event takes effect once, however often it is delivered."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from ..database import Database
from ..errors import UnavailableError
from .backoff import describe
from .event import Event, utcnow
from .outbox import Claimed, Outcome
from .tables import processed_events

SECONDS_A_BATCH = 15.0
"""With one more handler that takes as long as it may, still less than the lease of a relay."""

Handler = Callable[[AsyncConnection, Event], Awaitable[None]]
"""Does its work on the connection it is given: that is what happens once. It may be run again after a rollback."""


@dataclass(frozen=True, slots=True)
class Consumer:
    """Something that reacts to events. Its name is stored with every event it handled: do not change it."""

    name: str
    handlers: Mapping[str, Handler]
    """By event type."""
    timeout: float = 10.0
    """Seconds a handler may take; less than the lease of a relay, and than the wait before an entry is reclaimed."""


class HandlerError(Exception):
    """A handler failed with the error that is this one's cause, or took too long."""


async def deliver(database: Database, consumer: Consumer, event: Event) -> bool:
    """Let a consumer handle an event, unless it has done so before.

    Returns:
        Whether the handler ran.

    Raises:
        HandlerError: the handler failed.
        UnavailableError: the database does not answer; says nothing about the event.
    """
    handler = consumer.handlers.get(event.type)
    if handler is None:
        return False

    async def work(connection: AsyncConnection) -> bool:
        if not await _first_time(connection, consumer.name, event.id):
            return False
        try:
            async with asyncio.timeout(consumer.timeout):
                await handler(connection, event)
        except DBAPIError:
            raise  # the database layer knows which of these mean "again"
        except Exception as error:
            raise HandlerError from error
        return True

    try:
        return await database.write(work)
    except UnavailableError as error:
        await database.write(_look)
        raise HandlerError from error  # the database is there: the handler asked for something it could not do


class InProcess:
    """A destination without a broker: the consumers of this process, one event after the other."""

    def __init__(self, database: Database, consumers: Sequence[Consumer]) -> None:
        self._database = database
        self._consumers = consumers

    async def publish(self, batch: Sequence[Claimed]) -> Outcome:
        """Let every consumer handle the events. Those behind a failed one of the same row are left for later.

        So is the rest of the batch when ``SECONDS_A_BATCH`` are over, or the database is gone.
        """
        clock = asyncio.get_running_loop().time
        deadline = clock() + SECONDS_A_BATCH
        published: list[int] = []
        failed: dict[int, str] = {}
        stuck: set[UUID] = set()
        for claimed in batch:
            if clock() > deadline:
                break
            if claimed.event.aggregate_id in stuck:
                continue
            try:
                for consumer in self._consumers:
                    await deliver(self._database, consumer, claimed.event)
            except UnavailableError:
                break
            except Exception as error:
                failed[claimed.sequence] = describe(error)
                stuck.add(claimed.event.aggregate_id)
            else:
                published.append(claimed.sequence)
        return Outcome(published, failed)


async def _look(connection: AsyncConnection) -> None:
    await connection.execute(select(1))


async def _first_time(connection: AsyncConnection, consumer: str, event_id: UUID) -> bool:
    """Mark the event as handled. A second transaction waits here for the first, and then knows."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    result = await connection.execute(
        insert(processed_events)
        .values(consumer=consumer, event_id=event_id, processed_at=utcnow())
        .on_conflict_do_nothing()
    )
    return result.rowcount == 1
