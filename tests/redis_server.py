"""A real Redis server for the tests, which can also be frozen so that it accepts connections and says nothing."""

from __future__ import annotations

import signal

from backend.engines.redis import RedisServer as PrivateRedis


class RedisServer(PrivateRedis):
    def freeze(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)


running_redis = RedisServer.running
