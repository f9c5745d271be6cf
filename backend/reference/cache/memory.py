"""An application cache in the memory of one process."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple

from .base import Entry, Load
from .flight import SingleFlight
from .renewal import Renewals

OVERHEAD = 400
"""Bytes an entry takes besides its key, tag and body, about."""


class Slot(NamedTuple):
    """An entry and until when it may be served."""

    entry: Entry
    generation: int
    fresh_until: float
    stale_until: float
    size: int


class MemoryCache:
    """Bounded in entries and bytes; the least recently used go first.

    Each process has its own: with several, a write is seen by the others only when their entries expire.

    A namespace has a generation, which an invalidation replaces. An entry belongs to the generation that was read
    before it was loaded, so what was loaded from before a write can never be served after its invalidation.
    """

    def __init__(
        self,
        *,
        max_entries: int = 10_000,
        max_bytes: int = 64 * 1024**2,
        max_namespaces: int = 10_000,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._max_entries = max_entries
        self._max_bytes = max_bytes
        self._max_namespaces = max_namespaces
        self._clock = clock
        self._slots: OrderedDict[tuple[str, str], Slot] = OrderedDict()
        self._bytes = 0
        self._generations: dict[str, int] = {}
        self._last_generation = 0
        self._floor = 0
        self._flights: SingleFlight[Entry] = SingleFlight()
        self._renewals = Renewals()

    def __len__(self) -> int:
        return len(self._slots)

    @property
    def size(self) -> int:
        """Bytes held, about."""
        return self._bytes

    async def fetch(self, namespace: str, key: str, *, ttl: float, load: Load, stale: float = 0.0) -> Entry:
        """See :meth:`Cache.fetch`."""
        place = (namespace, key)
        slot = self._slots.get(place)
        generation = self._generations.get(namespace, self._floor)
        if slot is not None and slot.generation == generation:
            now = self._clock()
            if now < slot.fresh_until:
                self._slots.move_to_end(place)
                return slot.entry
        else:
            slot = None

        async def load_and_store() -> Entry:
            entry = await load()
            self._store(place, entry, generation, ttl, stale)
            return entry

        flight = (namespace, key, generation)
        if slot is not None and now < slot.stale_until:
            self._renewals.start(flight, lambda: self._flights.run(flight, load_and_store))
            return slot.entry
        return await self._flights.run(flight, load_and_store)

    async def invalidate(self, *namespaces: str) -> None:
        """See :meth:`Cache.invalidate`."""
        self._last_generation += 1
        for namespace in namespaces:
            self._generations[namespace] = self._last_generation
        if len(self._generations) > self._max_namespaces:
            # Forgetting a generation would revive its entries; a new one for all makes everything unreachable.
            self._last_generation += 1
            self._floor = self._last_generation
            self._generations.clear()

    async def aclose(self) -> None:
        """See :meth:`Cache.aclose`."""
        await self._renewals.aclose()

    def _store(self, place: tuple[str, str], entry: Entry, generation: int, ttl: float, stale: float) -> None:
        if generation != self._generations.get(place[0], self._floor):
            return  # of before a write, and perhaps in the place of an entry of after it
        self._drop(place)
        size = OVERHEAD + len(place[0]) + len(place[1]) + len(entry.etag) + len(entry.body)
        if size > self._max_bytes:
            return
        fresh_until = self._clock() + ttl
        self._slots[place] = Slot(entry, generation, fresh_until, fresh_until + stale, size)
        self._bytes += size
        while len(self._slots) > self._max_entries or self._bytes > self._max_bytes:
            self._drop(next(iter(self._slots)))

    def _drop(self, place: tuple[str, str]) -> None:
        slot = self._slots.pop(place, None)
        if slot is not None:
            self._bytes -= slot.size
