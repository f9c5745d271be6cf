"""A loader whose reads a test holds up, counts and lets go."""

from __future__ import annotations

import asyncio

from backend.reference.cache import Entry


class Source:
    """What is cached: a value that writes change, and a loader that can be stopped between reading and answering."""

    def __init__(self, value: str = "first") -> None:
        self.value = value
        self.loads = 0
        self.reading = asyncio.Event()
        self.answer = asyncio.Event()
        self.answer.set()

    async def load(self) -> Entry:
        self.loads += 1
        value = self.value
        self.reading.set()
        await self.answer.wait()
        return Entry.of(value.encode())

    def hold(self) -> None:
        self.reading.clear()
        self.answer.clear()


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self, now: float = 1_700_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now
