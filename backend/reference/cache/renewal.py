"""Renewals in the background: the loader that replaces a stale entry while the stale one is being served."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Hashable
from typing import Any

logger = logging.getLogger(__name__)


class Renewals:
    """At most one renewal a key at a time; a failed one is logged and left to the next reader."""

    def __init__(self) -> None:
        self._running: dict[Hashable, asyncio.Task[None]] = {}

    def start(self, key: Hashable, renew: Callable[[], Awaitable[Any]]) -> None:
        """Begin a renewal unless one runs already."""
        if key not in self._running:
            self._running[key] = asyncio.create_task(self._run(key, renew))

    async def aclose(self) -> None:
        """Stop those that still run."""
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, key: Hashable, renew: Callable[[], Awaitable[Any]]) -> None:
        try:
            await renew()
        except Exception:
            logger.warning("a cached answer could not be renewed", exc_info=True)
        finally:
            del self._running[key]
