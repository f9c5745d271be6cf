"""A backend loaded from its import path: called directly, without a network, with the SQL of every request."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from backend.exercise.exchange import Answer, Call, TargetGone
from backend.exercise.process import Application, Child

ANSWER_SECONDS = 10.0


class AsgiTarget:
    """An ASGI application in a process of its own. Make it with :func:`asgi_target`."""

    observes_sql = True

    def __init__(self, application: Application, child: Child, answer_seconds: float) -> None:
        self._application = application
        self._child = child
        self._seconds = answer_seconds

    @property
    def pid(self) -> int:
        """Of the process that runs the application; another one after :meth:`restart`."""
        return self._child.pid

    @property
    def log(self) -> str:
        """The end of what the application wrote to standard output and error."""
        return self._child.log

    @property
    def openapi(self) -> dict[str, Any] | None:
        """The contract as the application object gives it, ``None`` where it has no such method."""
        return self._child.openapi

    async def call(self, call: Call) -> Answer:
        """Send one request. A request that takes too long is cancelled and told as a crash.

        Raises:
            TargetGone: the process ended, or its event loop is blocked.
        """
        return (await self._child.send([call], self._seconds))[0]

    async def together(self, calls: Sequence[Call]) -> list[Answer]:
        """Send requests so that all are under way before the first one is answered.

        Raises:
            TargetGone: the process ended, or its event loop is blocked.
        """
        return await self._child.send(calls, self._seconds) if calls else []

    async def killed(self, call: Call, before: str) -> Answer | None:
        """Send one request, and kill the process when it is about to run a certain statement; then start it again.

        Args:
            call: the request.
            before: an expression that the statement begins with, in any case.

        Returns:
            The answer where the request ran no such statement, ``None`` where the process was killed.

        Raises:
            TargetGone: it does not start again.
        """
        try:
            return (await self._child.send([call], self._seconds, before))[0]
        except TargetGone:
            await self.restart()
            return None

    async def restart(self) -> None:
        """End the process and start a new one; what the application kept in memory is gone.

        Raises:
            TargetGone: it does not start again.
        """
        await self._child.stop()
        self._child = await Child.start(self._application)

    async def aclose(self) -> None:
        """End the process."""
        await self._child.stop()


@asynccontextmanager
async def asgi_target(application: Application, answer_seconds: float = ANSWER_SECONDS) -> AsyncIterator[AsgiTarget]:
    """Start ``application``; its process and the children of it end with the block.

    Args:
        application: what to start.
        answer_seconds: how long one request may take.

    Raises:
        TargetGone: it does not start.
    """
    target = AsgiTarget(application, await Child.start(application), answer_seconds)
    try:
        yield target
    finally:
        await target.aclose()
