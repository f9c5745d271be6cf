"""Applications for tests of serving them: one that works, one that fails to start, one that never is up."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Awaitable, Callable
from typing import Any

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


async def works(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        await receive()
        print("hello from the application", flush=True)
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    size = 0
    if scope["path"] == "/memory":
        try:
            size = len(bytes(8 << 30))
        except MemoryError:
            size = -1
    body = json.dumps({"environment": dict(os.environ), "size": size, "cwd": os.getcwd()}).encode()  # noqa: PTH109
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})


def factory() -> Callable[..., Awaitable[None]]:
    return works


async def fails(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    raise RuntimeError("no secret was given")


async def never(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    await asyncio.Event().wait()
