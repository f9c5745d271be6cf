"""One user of a lab at a time: its sessions hold one transaction each."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Turn:
    """A lock that tells its owner off instead of letting it wait for itself."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._owner: asyncio.Task[object] | None = None

    @asynccontextmanager
    async def taken(self) -> AsyncIterator[None]:
        """Wait for the others and hold the lab for the length of the block.

        Raises:
            RuntimeError: this task holds it already (inside ``what_if`` ask the WhatIf, not the lab).
        """
        task = asyncio.current_task()
        if self._owner is not None and self._owner is task:
            raise RuntimeError("inside what_if ask the object it yields, not the lab")
        async with self._lock:
            self._owner = task
            try:
                yield
            finally:
                self._owner = None
