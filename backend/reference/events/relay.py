"""The relay: takes events out of the outbox and hands them to a destination, at least once and in order."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from ..database import Database
from .backoff import OUTAGES, backoff, describe
from .event import utcnow
from .outbox import Claimed, Outcome, claim, settle
from .wakeup import first_of

log = logging.getLogger(__name__)


class Destination(Protocol):
    """Where events go."""

    async def publish(self, batch: Sequence[Claimed]) -> Outcome:
        """Take a batch. An error means that nobody knows how much of it was taken: all of it is sent again."""
        ...


class Relay:
    """Moves events from the outbox to ``destination``. Any number may run beside each other on PostgreSQL.

    A relay that is killed leaves its events held until ``lease`` has passed; another takes them then. On SQLite run
    one: two would not lose anything, and publish the same events twice.

    Args:
        wake: set when there may be something to do.
        poll_interval: seconds between looks when nobody sets ``wake``, as for events of other processes.
        max_attempts: how often an event that the destination refuses is tried before it is given up.
        clock: tells the time with its zone.
    """

    def __init__(
        self,
        database: Database,
        destination: Destination,
        *,
        wake: asyncio.Event,
        batch_size: int = 500,
        lease: timedelta = timedelta(seconds=30),
        poll_interval: float = 0.5,
        max_attempts: int = 10,
        clock: Callable[[], datetime] = utcnow,
    ) -> None:
        self._database = database
        self._destination = destination
        self._wake = wake
        self._batch_size = batch_size
        self._lease = lease
        self._poll_interval = poll_interval
        self._max_attempts = max_attempts
        self._clock = clock

    async def run(self, stop: asyncio.Event) -> None:
        """Publish until ``stop`` is set; the batch under way is finished. Whatever fails is logged and tried again."""
        failures = 0
        while not stop.is_set():
            self._wake.clear()
            try:
                moved = await self.publish_batch()
            except Exception as error:
                failures += 1
                delay = backoff(failures)
                log.warning(
                    "Publishing events failed (%s); next try in %.1f s",
                    describe(error),
                    delay,
                    exc_info=not isinstance(error, OUTAGES),
                )
                await first_of(stop, seconds=delay)
                continue
            failures = 0
            if moved < self._batch_size:
                await first_of(stop, self._wake, seconds=self._poll_interval)

    async def publish_batch(self) -> int:
        """Publish what waits, at most one batch.

        Returns:
            How many events the destination took.
        """
        started = self._clock()
        batch = await self._database.write(
            lambda connection: claim(connection, limit=self._batch_size, now=started, lease=self._lease)
        )
        if not batch:
            return 0
        outcome = Outcome(published=())
        try:
            # beyond the lease another relay would publish the same events at the same time
            async with asyncio.timeout(self._lease.total_seconds()):
                outcome = await self._destination.publish(batch)
        finally:
            await self._settle(batch, outcome)
        return len(outcome.published)

    async def _settle(self, batch: Sequence[Claimed], outcome: Outcome) -> None:
        now = self._clock()
        retry_at = {
            claimed.sequence: now + timedelta(seconds=backoff(claimed.attempts, base=0.5, cap=600))
            for claimed in batch
            if claimed.sequence in outcome.failed and claimed.attempts < self._max_attempts
        }
        for sequence in outcome.failed.keys() - retry_at.keys():
            log.error("Event %d is given up: %s", sequence, outcome.failed[sequence])
        await self._database.write(lambda connection: settle(connection, batch, outcome, now=now, retry_at=retry_at))
