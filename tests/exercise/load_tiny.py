"""Starting the tiny server of ``load_server``."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from pathlib import Path

from backend.exercise.load.address import Address, address

SERVER = Path(__file__).with_name("load_server.py")


@contextlib.asynccontextmanager
async def tiny_server(service: float = 0.0, stall_at: int = 0, stall_seconds: float = 0.0) -> AsyncIterator[Address]:
    """The server in a process of its own, ended with the block."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(SERVER),
        *map(str, (service, stall_at, stall_seconds)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None and process.stdin is not None
    try:
        yield address("127.0.0.1", int(await process.stdout.readline()))
    finally:
        process.stdin.close()
        await process.wait()
