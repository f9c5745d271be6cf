"""Single flight: of those who want the same thing at the same time, one fetches it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class SingleFlight(Generic[T]):
    """Runs one call per key at a time and gives its outcome to all who asked meanwhile.

    The first caller runs the call itself, in its own task. When that task is cancelled (its client hung up),
    one of those who wait takes over.
    """

    def __init__(self) -> None:
        self._running: dict[Hashable, asyncio.Future[tuple[T] | None]] = {}

    async def run(self, key: Hashable, call: Callable[[], Awaitable[T]]) -> T:
        """The outcome of ``call``, whoever ran it; what it raises is raised for all."""
        while (running := self._running.get(key)) is not None:
            # A future that is awaited directly is cancelled along with whoever awaits it.
            landed = await asyncio.shield(running)
            if landed is not None:
                return landed[0]
        return await self._lead(key, call)

    async def _lead(self, key: Hashable, call: Callable[[], Awaitable[T]]) -> T:
        flight: asyncio.Future[tuple[T] | None] = asyncio.get_running_loop().create_future()
        self._running[key] = flight
        try:
            value = await call()
        except Exception as error:
            flight.set_exception(error)
            flight.exception()  # seen: nobody may be waiting, and asyncio would complain
            raise
        else:
            flight.set_result((value,))
            return value
        finally:
            del self._running[key]
            if not flight.done():
                flight.set_result(None)
