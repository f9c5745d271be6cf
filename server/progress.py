"""Progress of a tool, passed on to the client no more often than it can read it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

Send = Callable[[float, float | None, str | None], Awaitable[None]]
Ticks = Callable[[], float]

INTERVAL_SECONDS = 0.1


class Throttle:
    """A ``tools.toolbox.Progress`` that forwards to ``send`` at most every 0.1 s, and the end always.

    ``ticks`` is a monotonic clock in seconds. The protocol wants progress to grow, so a value that
    does not exceed the last one sent is dropped.
    """

    def __init__(self, send: Send, ticks: Ticks) -> None:
        self._send = send
        self._ticks = ticks
        self._sent_at = float("-inf")
        self._done = float("-inf")

    async def __call__(self, done: float, total: float, message: str) -> None:
        """Forward, or drop."""
        now = self._ticks()
        finished = bool(total) and done >= total
        if done <= self._done or (now - self._sent_at < INTERVAL_SECONDS and not finished):
            return
        self._sent_at, self._done = now, done
        await self._send(done, total or None, message or None)
