"""A member of a consumer group on a Redis stream."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import socket
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import ResponseError
from redis.typing import EncodableT, FieldT

from ..database import Database
from ..errors import UnavailableError
from .backoff import OUTAGES, backoff, describe
from .consumer import Consumer, deliver
from .event import Event
from .wakeup import first_of

log = logging.getLogger(__name__)

Entry = tuple[bytes, Mapping[bytes, bytes]]

FORGOTTEN_AFTER_MS = 3_600_000
"""Milliseconds after which a member that holds nothing and asks for nothing is taken off the list."""


class StreamConsumer:
    """Reads a stream for one consumer; processes that do so share the work.

    An entry is acknowledged after its effect was committed. One whose handler failed, or whose process died, is
    delivered again after ``retry_after``; by then later events may have been handled. After ``max_attempts``
    deliveries it goes to the stream ``<stream>:dead`` with the error.
    """

    def __init__(
        self,
        redis: Redis,
        database: Database,
        consumer: Consumer,
        *,
        stream: str,
        batch_size: int,
        retry_after: timedelta = timedelta(seconds=60),
        max_attempts: int = 10,
        block: timedelta = timedelta(seconds=1),
    ) -> None:
        self._redis = redis
        self._database = database
        self._consumer = consumer
        self._stream = stream
        self._member = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
        self._batch_size = batch_size
        self._retry_after_ms = round(retry_after.total_seconds() * 1000)
        self._max_attempts = max_attempts
        self._block_ms = round(block.total_seconds() * 1000)

    @property
    def dead_letters(self) -> str:
        """Name of the stream of events that could not be handled."""
        return f"{self._stream}:dead"

    async def run(self, stop: asyncio.Event) -> None:
        """Handle entries until ``stop`` is set; those already read are finished."""
        failures = 0
        reclaimed_at = float("-inf")
        clock = asyncio.get_running_loop().time
        while not stop.is_set():
            try:
                if failures or reclaimed_at == float("-inf"):
                    await self._join()
                if clock() - reclaimed_at >= self._retry_after_ms / 2000:
                    reclaimed_at = clock()
                    await self._handle(await self._reclaim())
                await self._handle(await self._read())
                failures = 0
            except Exception as error:
                failures += 1
                delay = backoff(failures)
                log.warning(
                    "Consumer %s failed (%s); next try in %.1f s",
                    self._consumer.name,
                    describe(error),
                    delay,
                    exc_info=not isinstance(error, OUTAGES),
                )
                await first_of(stop, seconds=delay)
        await self._leave()

    async def _join(self) -> None:
        """Make the group if there is none. It begins with the first entry of the stream."""
        try:
            await self._redis.xgroup_create(self._stream, self._consumer.name, id="0", mkstream=True)
        except ResponseError as error:
            if not str(error).startswith("BUSYGROUP"):
                raise

    async def _leave(self) -> None:
        """Take this member off the list, unless entries it holds must be found by others."""
        try:
            for member in await self._redis.xinfo_consumers(self._stream, self._consumer.name):
                mine = member["name"] == self._member.encode()
                if not member["pending"] and (mine or member["idle"] > FORGOTTEN_AFTER_MS):
                    await self._redis.xgroup_delconsumer(self._stream, self._consumer.name, member["name"])
        except Exception:
            log.warning("Consumer %s could not take leave", self._consumer.name, exc_info=True)

    async def _read(self) -> Sequence[Entry]:
        answer: Any = await self._redis.xreadgroup(
            self._consumer.name,
            self._member,
            {self._stream: ">"},
            count=self._batch_size,
            block=self._block_ms,
        )
        return answer[0][1] if answer else []

    async def _reclaim(self) -> Sequence[Entry]:
        """Entries whose handling failed, or that a member took and never acknowledged."""
        answer: Any = await self._redis.xautoclaim(
            self._stream, self._consumer.name, self._member, self._retry_after_ms, count=self._batch_size
        )
        return [entry for entry in answer[1] if entry[0] is not None]  # Redis 6 lists deleted ones as nothing

    async def _handle(self, entries: Sequence[Entry]) -> None:
        done: list[bytes] = []
        try:
            for entry_id, fields in entries:
                try:
                    await deliver(self._database, self._consumer, Event.from_fields(fields))
                except UnavailableError:
                    raise
                except Exception as error:
                    log.exception("Event %s failed in consumer %s", entry_id.decode(), self._consumer.name)
                    await self._bury_if_hopeless(entry_id, fields, describe(error))
                else:
                    done.append(entry_id)
        finally:
            if done:
                await self._redis.xack(self._stream, self._consumer.name, *done)

    async def _bury_if_hopeless(self, entry_id: bytes, fields: Mapping[bytes, bytes], error: str) -> None:
        pending: Any = await self._redis.xpending_range(
            self._stream, self._consumer.name, min=entry_id, max=entry_id, count=1
        )
        attempts: int = pending[0]["times_delivered"] if pending else 0
        if attempts < self._max_attempts:
            return
        log.error("Event %s is given up by consumer %s: %s", entry_id.decode(), self._consumer.name, error)
        async with self._redis.pipeline(transaction=True) as pipeline:
            letter: dict[FieldT, EncodableT] = {
                b"consumer": self._consumer.name,
                b"error": error,
                b"attempts": attempts,
            }
            letter.update(fields.items())
            pipeline.xadd(self.dead_letters, letter)
            pipeline.xack(self._stream, self._consumer.name, entry_id)
            await pipeline.execute()
