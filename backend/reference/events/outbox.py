"""The transactional outbox: an event is a row, committed with the change it tells of or not at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, and_, delete, exists, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from .event import Event
from .tables import outbox_events, processed_events
from .wakeup import note_emitted

CLAIM_LOCK = 7_016_992_081
"""Key of the advisory lock that relays take one after the other to claim events."""

_outbox = outbox_events.c
_waiting = and_(_outbox.published_at.is_(None), _outbox.failed_at.is_(None))


@dataclass(frozen=True, slots=True)
class Claimed:
    """An event that one relay holds until its lease ends."""

    sequence: int
    attempts: int
    """How often it has been claimed, this time included."""
    event: Event


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of claimed events, by sequence. Those in neither go back as they were."""

    published: Sequence[int]
    failed: Mapping[int, str] = field(default_factory=dict)
    """With the error."""


async def emit(connection: AsyncConnection, *events: Event) -> None:
    """Write events into the caller's transaction.

    Emit after the change itself: the lock on the changed row is what gives events of one row their order.
    """
    if not events:
        return
    await connection.execute(
        insert(outbox_events),
        [
            {
                "id": event.id,
                "type": event.type,
                "aggregate_id": event.aggregate_id,
                "tenant_id": event.tenant_id,
                "payload": event.payload,
                "occurred_at": event.occurred_at,
                "attempts": 0,
                "next_attempt_at": event.occurred_at,
            }
            for event in events
        ],
    )
    await note_emitted(connection)


async def claim(connection: AsyncConnection, *, limit: int, now: datetime, lease: timedelta) -> list[Claimed]:
    """Take the oldest events that wait, in order, for as long as ``lease``.

    An event behind one of the same row that is held, or is to be tried again later, stays where it is. Relays
    claim one at a time, for a few milliseconds, because that rule cannot be kept between two that do not see each
    other; they publish side by side.
    """
    if connection.dialect.name == "postgresql":
        await connection.execute(select(func.pg_advisory_xact_lock(CLAIM_LOCK)))
    earlier = outbox_events.alias("earlier")
    held_back = exists().where(
        earlier.c.aggregate_id == _outbox.aggregate_id,
        earlier.c.sequence < _outbox.sequence,
        earlier.c.published_at.is_(None),
        earlier.c.failed_at.is_(None),
        earlier.c.next_attempt_at > now,
    )
    due = (
        select(_outbox.sequence)
        .where(_waiting, _outbox.next_attempt_at <= now, ~held_back)
        .order_by(_outbox.sequence)
        .limit(limit)
    )
    rows = await connection.execute(
        update(outbox_events)
        .where(_outbox.sequence.in_(due))
        .values(attempts=_outbox.attempts + 1, next_attempt_at=now + lease)
        .returning(*outbox_events.columns)
    )
    return sorted((_claimed(row) for row in rows), key=lambda claimed: claimed.sequence)


async def settle(
    connection: AsyncConnection,
    batch: Sequence[Claimed],
    outcome: Outcome,
    *,
    now: datetime,
    retry_at: Mapping[int, datetime],
) -> None:
    """Write down what became of a batch. A failed event without a time in ``retry_at`` is given up."""
    if outcome.published:
        await connection.execute(
            update(outbox_events).where(_outbox.sequence.in_(outcome.published)).values(published_at=now, error=None)
        )
    for sequence, error in outcome.failed.items():
        again = retry_at.get(sequence)
        change = {"failed_at": now} if again is None else {"next_attempt_at": again}
        await connection.execute(
            update(outbox_events).where(_outbox.sequence == sequence).values(error=error, **change)
        )
    settled = {*outcome.published, *outcome.failed}
    untouched = [claimed.sequence for claimed in batch if claimed.sequence not in settled]
    if untouched:
        await connection.execute(
            update(outbox_events)
            .where(_outbox.sequence.in_(untouched))
            .values(attempts=_outbox.attempts - 1, next_attempt_at=now)
        )


async def republish(connection: AsyncConnection, *, since: datetime) -> int:
    """Publish again what was published since then: for a Redis that lost data. Consumers skip what they know.

    Returns:
        How many events.
    """
    result = await connection.execute(
        update(outbox_events)
        .where(_outbox.published_at >= since)
        .values(published_at=None, next_attempt_at=_outbox.occurred_at)
    )
    return result.rowcount


async def purge_published(connection: AsyncConnection, *, before: datetime, limit: int = 10_000) -> int:
    """Delete the oldest events published before then, at most ``limit``. Events given up stay.

    Returns:
        How many were deleted.
    """
    old = select(_outbox.sequence).where(_outbox.published_at < before).order_by(_outbox.published_at).limit(limit)
    return (await connection.execute(delete(outbox_events).where(_outbox.sequence.in_(old)))).rowcount


async def purge_processed(connection: AsyncConnection, *, before: datetime) -> int:
    """Forget what was handled before then. An event that comes again after that is handled again.

    Returns:
        How many were deleted.
    """
    result = await connection.execute(delete(processed_events).where(processed_events.c.processed_at < before))
    return result.rowcount


def _claimed(row: Row[Any]) -> Claimed:
    event = Event(
        id=row.id,
        type=row.type,
        aggregate_id=row.aggregate_id,
        tenant_id=row.tenant_id,
        payload=row.payload,
        occurred_at=row.occurred_at,
    )
    return Claimed(sequence=row.sequence, attempts=row.attempts, event=event)
