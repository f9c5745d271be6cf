"""Every route of the examples with every kind of caller, on both engines: the answers the blueprint promises."""

from __future__ import annotations

from pathlib import Path

import pytest
from rendered_backends import ENGINES, started
from rendered_matrix import broken_promises
from rendered_projects import EXAMPLES

from backend.engines.postgres.host import PostgresHost


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", EXAMPLES)
async def test_every_caller_gets_from_every_route_what_the_blueprint_promises(
    name: str, engine: str, tmp_path: Path, postgres: PostgresHost
) -> None:
    async with started(name, engine, tmp_path, postgres) as backend:
        assert await broken_promises(backend) == []
