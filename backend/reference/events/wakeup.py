"""Wake the relay of this process as soon as a transaction that emitted has ended."""

from __future__ import annotations

import asyncio
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

_EMITTED = "outbox_emitted"


async def note_emitted(connection: AsyncConnection) -> None:
    """Remember on the pooled connection that its transaction emitted."""
    (await connection.get_raw_connection()).info[_EMITTED] = True


def wake_after_emit(engine: AsyncEngine, wake: asyncio.Event) -> None:
    """Set ``wake`` when a connection that emitted comes back to the pool, which is after the commit."""

    def returned(_dbapi_connection: Any, record: Any) -> None:
        if record.info.pop(_EMITTED, False):
            wake.set()

    event.listen(engine.sync_engine.pool, "checkin", returned)


async def first_of(*events: asyncio.Event, seconds: float) -> None:
    """Wait until one of the events is set, at most that many ``seconds``."""
    tasks = [asyncio.ensure_future(one.wait()) for one in events]
    try:
        await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
