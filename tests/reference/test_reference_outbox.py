"""Events in the outbox: written with the change, claimed in order, settled, purged."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from outbox_rounds import tables_at
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.reference.database import Database
from backend.reference.events.backoff import backoff
from backend.reference.events.event import Event
from backend.reference.events.outbox import (
    Claimed,
    Outcome,
    claim,
    emit,
    purge_processed,
    purge_published,
    republish,
    settle,
)
from backend.reference.events.tables import outbox_events, processed_events
from backend.reference.ids import uuid7

pytest_plugins = ("outbox_fixtures",)

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
LEASE = timedelta(seconds=30)
A, B = UUID(int=1), UUID(int=2)


def created(aggregate_id: UUID, number: int = 0) -> Event:
    return Event(type="order.created", aggregate_id=aggregate_id, payload={"number": number}, occurred_at=NOW)


async def emitted(database: Database, *events: Event) -> None:
    await database.write(lambda connection: emit(connection, *events))


async def claimed(database: Database, now: datetime = NOW, limit: int = 10) -> list[Claimed]:
    return await database.write(lambda connection: claim(connection, limit=limit, now=now, lease=LEASE))


async def settled(
    database: Database, batch: Sequence[Claimed], outcome: Outcome, retry_at: dict[int, datetime] | None = None
) -> None:
    await database.write(lambda connection: settle(connection, batch, outcome, now=NOW, retry_at=retry_at or {}))


async def column(database: Database, name: str) -> list[Any]:
    async with database.engine.connect() as connection:
        query = select(outbox_events.c[name]).order_by(outbox_events.c.sequence)
        return list((await connection.scalars(query)).all())


def numbers(batch: Sequence[Claimed]) -> list[int]:
    return [one.event.payload["number"] for one in batch]


@given(
    event=st.builds(
        Event,
        type=st.from_regex(r"[a-z_]+\.[a-z_]+", fullmatch=True),
        aggregate_id=st.uuids(),
        tenant_id=st.none() | st.uuids(),
        id=st.uuids(),
        occurred_at=st.datetimes(timezones=st.just(UTC)),
        payload=st.dictionaries(st.text(max_size=5), st.none() | st.text(max_size=20) | st.integers(-(2**53), 2**53)),
    )
)
def test_an_event_comes_off_the_stream_as_it_went_on(event: Event) -> None:
    fields = {
        name.encode(): value if isinstance(value, bytes) else value.encode()  # type: ignore[union-attr]
        for name, value in event.to_fields().items()
    }
    assert Event.from_fields(fields) == event  # type: ignore[arg-type]


@given(attempt=st.integers(1, 10_000))
def test_waits_grow_to_a_limit_and_differ_by_chance(attempt: int) -> None:
    longest = min(8.0, 2.0 ** min(attempt - 1, 10))
    assert longest / 2 <= backoff(attempt, base=0.5, cap=8.0) <= longest


async def test_a_claimed_event_is_what_was_emitted(events_database: Database) -> None:
    event = Event(type="order.created", aggregate_id=A, tenant_id=B, payload={"total": "12.50", "lines": [1, None]})
    await emitted(events_database, event)
    [one] = await claimed(events_database, now=event.occurred_at)
    assert one.event == event
    assert one.attempts == 1


async def test_a_transaction_that_fails_leaves_no_event(events_database: Database) -> None:
    async def work(connection: AsyncConnection) -> None:
        await emit(connection, created(A))
        raise LookupError

    with pytest.raises(LookupError):
        await events_database.write(work)
    assert await claimed(events_database) == []


async def test_emitting_nothing_writes_nothing(events_database: Database) -> None:
    await emitted(events_database)
    assert await column(events_database, "id") == []


async def test_events_are_claimed_in_order_and_only_once(events_database: Database) -> None:
    await emitted(events_database, *(created(uuid7(), number) for number in range(5)))
    assert numbers(await claimed(events_database, limit=3)) == [0, 1, 2]
    assert numbers(await claimed(events_database, limit=3)) == [3, 4]
    assert await claimed(events_database) == []


async def test_an_event_waits_behind_a_held_one_of_the_same_row(events_database: Database) -> None:
    await emitted(events_database, created(A, 0), created(A, 1), created(B, 2))
    held = await claimed(events_database, limit=1)
    assert numbers(await claimed(events_database)) == [2]
    await settled(events_database, held, Outcome(published=[held[0].sequence]))
    assert numbers(await claimed(events_database)) == [1]


async def test_a_relay_that_claims_sees_what_another_is_about_to_hold(postgres_url: str) -> None:
    async with tables_at(postgres_url) as database:
        await emitted(database, created(A, 0), created(A, 1), created(B, 2))
        async with database.engine.begin() as connection:
            first = await claim(connection, limit=1, now=NOW, lease=LEASE)
            second = asyncio.create_task(claimed(database))
            await asyncio.wait([second], timeout=0.1)
        assert numbers(first) == [0]
        assert numbers(await second) == [2]


async def test_what_a_dead_relay_held_is_free_when_its_lease_ends(events_database: Database) -> None:
    await emitted(events_database, created(A, 0), created(A, 1))
    await claimed(events_database, limit=1)
    assert await claimed(events_database, now=NOW + LEASE - timedelta(seconds=1)) == []
    again = await claimed(events_database, now=NOW + LEASE)
    assert numbers(again) == [0, 1]
    assert [one.attempts for one in again] == [2, 1]


async def test_events_in_neither_list_go_back_without_counting_as_tried(events_database: Database) -> None:
    await emitted(events_database, created(A, 0))
    await settled(events_database, await claimed(events_database), Outcome(published=()))
    [one] = await claimed(events_database)
    assert one.attempts == 1


async def test_a_failed_event_comes_back_at_its_time_and_holds_up_its_row_only(events_database: Database) -> None:
    await emitted(events_database, created(A, 0), created(A, 1), created(B, 2))
    [first, *_] = batch = await claimed(events_database)
    later = NOW + LEASE / 2
    await settled(events_database, batch, Outcome((), {first.sequence: "KeyError: x"}), {first.sequence: later})
    assert numbers(await claimed(events_database)) == [2]
    assert numbers(await claimed(events_database, now=later)) == [0, 1]
    assert await column(events_database, "error") == ["KeyError: x", None, None]


async def test_an_event_given_up_is_kept_with_its_error_and_lets_others_pass(events_database: Database) -> None:
    await emitted(events_database, created(A, 0), created(A, 1))
    [first] = batch = await claimed(events_database, limit=1)
    await settled(events_database, batch, Outcome((), {first.sequence: "KeyError: x"}))
    assert numbers(await claimed(events_database)) == [1]
    assert await column(events_database, "failed_at") == [NOW, None]
    await events_database.write(lambda c: purge_published(c, before=NOW + timedelta(days=99)))
    assert await column(events_database, "error") == ["KeyError: x", None]


async def test_published_events_are_purged_when_they_are_old_enough(events_database: Database) -> None:
    await emitted(events_database, created(A, 0), created(A, 1), created(A, 2))
    batch = await claimed(events_database, limit=2)
    await settled(events_database, batch, Outcome([one.sequence for one in batch]))
    assert await events_database.write(lambda c: purge_published(c, before=NOW)) == 0
    after = NOW + timedelta(seconds=1)
    assert await events_database.write(lambda c: purge_published(c, before=after, limit=1)) == 1
    assert await events_database.write(lambda c: purge_published(c, before=after)) == 1
    assert await column(events_database, "payload") == [{"number": 2}]


async def test_events_can_be_published_again_from_a_moment_on(events_database: Database) -> None:
    await emitted(events_database, created(A, 0), created(A, 1))
    batch = await claimed(events_database)
    await settled(events_database, batch, Outcome([one.sequence for one in batch]))
    assert await events_database.write(lambda c: republish(c, since=NOW + timedelta(seconds=1))) == 0
    assert await events_database.write(lambda c: republish(c, since=NOW)) == 2
    assert numbers(await claimed(events_database)) == [0, 1]


async def test_memory_of_handled_events_is_purged(events_database: Database) -> None:
    async def work(connection: AsyncConnection) -> None:
        for days in (31, 1):
            row = {"consumer": "mail", "event_id": uuid7(), "processed_at": NOW - timedelta(days=days)}
            await connection.execute(processed_events.insert().values(row))

    await events_database.write(work)
    assert await events_database.write(lambda c: purge_processed(c, before=NOW - timedelta(days=30))) == 1
