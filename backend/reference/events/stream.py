"""Events on a Redis stream. What a group of consumers has not handled yet is never trimmed away."""

from __future__ import annotations

from collections.abc import Sequence

from redis.asyncio import Redis

from .outbox import Claimed, Outcome


class StreamFullError(Exception):
    """Consumers are too far behind; events stay in the outbox until they have caught up."""


class RedisStream:
    """Publishes to one stream.

    The server must keep what it acknowledged: ``appendonly yes``, and ``maxmemory-policy noeviction``.

    Args:
        max_length: entries from which on old ones are removed, as far as every group has handled them.
    """

    def __init__(self, redis: Redis, name: str, *, max_length: int = 100_000) -> None:
        self._redis = redis
        self._name = name
        self._max_length = max_length

    async def publish(self, batch: Sequence[Claimed]) -> Outcome:
        """Append a batch, all of it or nothing.

        Raises:
            StreamFullError: there is no room.
            redis.RedisError: the server does not answer, or refuses.
        """
        if await self._redis.xlen(self._name) + len(batch) > self._max_length:
            await self._trim()
            if await self._redis.xlen(self._name) + len(batch) > self._max_length:
                raise StreamFullError(f"Stream {self._name} holds {self._max_length} entries that wait to be handled")
        async with self._redis.pipeline(transaction=True) as pipeline:
            for claimed in batch:
                pipeline.xadd(self._name, claimed.event.to_fields())
            await pipeline.execute()
        return Outcome(published=[claimed.sequence for claimed in batch])

    async def _trim(self) -> None:
        """Remove what all groups have handled; without any group, the older half."""
        groups = await self._redis.xinfo_groups(self._name)
        if not groups:
            await self._redis.xtrim(self._name, maxlen=self._max_length // 2, approximate=False)
            return
        needed = []
        for group in groups:
            pending = await self._redis.xpending(self._name, group["name"])
            needed.append(pending["min"] if pending["pending"] else group["last-delivered-id"])
        await self._redis.xtrim(self._name, minid=min(needed, key=_position), approximate=False)


def _position(entry_id: bytes) -> tuple[int, int]:
    milliseconds, _, number = entry_id.partition(b"-")
    return int(milliseconds), int(number)
