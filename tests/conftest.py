"""Fixtures: one warm PostgreSQL a test process, scratch databases, a toolbox on a temporary workspace."""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from redis_server import running_redis

import backend_architect  # noqa: F401  (claims the import path)
from backend.engines.postgres.host import PostgresHost, Scratch
from backend.runs import RunStore
from backend.workspace import Workspace
from tools.toolbox import Toolbox


def pytest_configure() -> None:
    """Take Ctrl-C for what it is. A runner in the background ignores it, and so would what the tests start."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
async def postgres() -> AsyncIterator[PostgresHost]:
    """The embedded server, started on first use and shared by the whole test process."""
    host = PostgresHost()
    try:
        yield host
    finally:
        await host.aclose()


@pytest.fixture
async def scratch(postgres: PostgresHost) -> AsyncIterator[Scratch]:
    """An empty database that is dropped after the test."""
    async with postgres.scratch() as database:
        yield database


@pytest.fixture(scope="session")
async def redis_url() -> AsyncIterator[str]:
    """A Redis server shared by the whole test process; tests keep apart by their keys."""
    async with running_redis() as server:
        yield server.url


@pytest.fixture
def toolbox(tmp_path: Path, postgres: PostgresHost) -> Toolbox:
    """Everything a tool needs, confined to the test's own folder."""
    return Toolbox(workspace=Workspace.at(tmp_path), postgres=postgres, runs=RunStore())
