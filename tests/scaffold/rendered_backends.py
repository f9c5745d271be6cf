"""Rendered examples, running on an empty database of either engine."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from rendered_projects import Backend, example, postgres_url, running, write_project

from backend.engines.postgres.host import PostgresHost

ENGINES = ("sqlite", "postgresql")


@asynccontextmanager
async def started(
    name: str, engine: str, folder: Path, postgres: PostgresHost, **settings: Any
) -> AsyncIterator[Backend]:
    """An example; ``settings`` are those of the application."""
    blueprint = example(name)
    project = write_project(blueprint, folder / "project")
    if engine == "sqlite":
        async with running(blueprint, project, f"sqlite+aiosqlite:///{folder}/app.db", **settings) as found:
            yield found
        return
    async with (
        postgres.scratch() as scratch,
        running(blueprint, project, postgres_url(postgres, scratch), **settings) as found,
    ):
        yield found
