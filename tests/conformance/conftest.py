"""Both stacks on both engines, each started once a test process."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from node_clients import installed
from wire_servers import Wire, wire

from backend.engines.postgres.host import PostgresHost
from backend.exercise.ground import Engine
from backend.scaffold.stack import Stack
from benchmarks.stack_faults.hunt import sound

SERVERS = [(stack, engine) for stack in Stack for engine in (Engine.SQLITE, Engine.POSTGRES)]


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the TypeScript blog needs, installed once."""
    manifest = tmp_path_factory.mktemp("packages") / "package.json"
    manifest.write_text(sound(Stack.TYPESCRIPT)["package.json"])
    assert json.loads(manifest.read_text())["dependencies"]
    return installed(manifest).home / "node_modules"


@pytest.fixture(scope="session", params=SERVERS, ids=lambda pair: f"{pair[0].value}-{pair[1].value}")
async def backend(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, packages: Path, postgres: PostgresHost
) -> AsyncIterator[Wire]:
    """One server of each stack and engine."""
    stack, engine = request.param
    async with wire(stack, engine, tmp_path_factory.mktemp("blog"), packages, postgres) as served:
        yield served
