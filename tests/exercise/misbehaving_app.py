"""An ASGI application that does, on request, everything a backend should not do to those who test it."""

from __future__ import annotations

import asyncio
import ctypes
import os
import sys
import time
from pathlib import Path
from typing import Any


async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
        return
    name, child = scope["path"].strip("/"), 0
    if name == "waits":
        await asyncio.sleep(1000)
    elif name == "blocks":
        time.sleep(1000)
    elif name == "exits":
        os._exit(7)
    elif name == "crashes":
        ctypes.string_at(0)
    elif name == "raises":
        raise ValueError("no such luck")
    elif name == "prints":
        print("to standard output, in the middle of everything")
        sys.stdout.flush()
    elif name == "eats":
        eaten = []
        while True:
            eaten.append(bytearray(64 << 20))
    elif name in ("floods", "drips"):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        while True:
            await send({"type": "http.response.body", "body": b"x" * 65_536, "more_body": True})
            await asyncio.sleep(0.02 if name == "drips" else 0)
    elif name == "silent":
        return
    elif name == "child":
        child = os.spawnlp(os.P_NOWAIT, "sleep", "sleep", "1000")
    body = await receive()
    headers = [
        (b"child", str(child).encode()),
        (b"Set-Cookie", b"a=1"),
        (b"set-cookie", b"b=2"),
        (b"seen", repr(_seen(scope)).encode()),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"x" * 50_000_000 if name == "huge" else body["body"]})


async def _lifespan(receive: Any, send: Any) -> None:
    await receive()
    if os.environ.get("FAIL_TO_START"):
        await send({"type": "lifespan.startup.failed", "message": "the database is not there"})
        return
    await send({"type": "lifespan.startup.complete"})
    await receive()
    if os.environ.get("FAREWELL"):
        Path(os.environ["FAREWELL"]).write_text("bye")
    await send({"type": "lifespan.shutdown.complete"})


def _seen(scope: dict[str, Any]) -> Any:
    return scope["method"], scope["path"], scope["query_string"], sorted(os.environ)


async def never() -> Any:
    """A factory that does not come back."""
    await asyncio.sleep(1000)
