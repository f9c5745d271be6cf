"""A real Redis server for the tests, which can also be frozen so that it accepts connections and says nothing."""

from __future__ import annotations

import shutil
import signal
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from backend.engines.redis import RedisServer as PrivateRedis


class RedisServer(PrivateRedis):
    def freeze(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)


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
