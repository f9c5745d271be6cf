"""Running the generator in a thread of its own, on a loop whose timers are finer than a millisecond.

``epoll_wait`` counts in milliseconds, and asyncio rounds up: every request would be sent late by half of one on
average. ``select`` counts in microseconds, so the loop waits with it, for its own epoll descriptor.
"""

from __future__ import annotations

import asyncio
import select
import selectors
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

FD_SETSIZE = 1024
"""``select`` takes descriptors below this only (select(2))."""


class PreciseSelector(selectors.DefaultSelector):
    """The system's selector, with time-outs that are kept to some fifty microseconds."""

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """As the system's."""
        if timeout is not None and timeout > 0 and self.fileno() < FD_SETSIZE:
            select.select([self.fileno()], [], [], timeout)
            timeout = 0
        return super().select(timeout)


def precise_loop() -> asyncio.AbstractEventLoop:
    """An event loop on a :class:`PreciseSelector`."""
    return asyncio.SelectorEventLoop(PreciseSelector())


async def apart(work: Callable[[], Awaitable[T]]) -> T:
    """Run ``work`` in a thread of its own, on a precise loop; cancelling this cancels it and waits for its end."""
    outer = asyncio.get_running_loop()
    started: asyncio.Future[tuple[asyncio.AbstractEventLoop, asyncio.Task[T]]] = outer.create_future()

    async def inner() -> T:
        task = asyncio.current_task()
        assert task is not None
        outer.call_soon_threadsafe(started.set_result, (asyncio.get_running_loop(), task))
        return await work()

    def run() -> T:
        with asyncio.Runner(loop_factory=precise_loop) as runner:
            return runner.run(inner())

    thread = asyncio.ensure_future(asyncio.to_thread(run))
    try:
        return await asyncio.shield(thread)
    except asyncio.CancelledError:
        loop, task = await started
        if not loop.is_closed():
            loop.call_soon_threadsafe(task.cancel)
        await asyncio.wait([thread])
        raise
