"""A running TypeScript backend in the shape that the tests of the rendered Python backends take."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import httpx2 as httpx
from rendered_projects import Backend, example
from ts_project import STATEMENTS, postgres_url, running_typescript, write_typescript

from backend.engines.postgres.host import PostgresHost
from knowledge.blueprint.model import Blueprint


@dataclass
class Documented:
    """Stands where the other stack has its application."""

    document: dict[str, Any]
    database_url: str

    def openapi(self) -> dict[str, Any]:
        """As the server says it."""
        return self.document


class Statements(list[str]):
    """What was sent to the database, as the server's process notes it."""

    def __init__(self, log: Path) -> None:
        super().__init__()
        self.log = log

    def clear(self) -> None:
        """Forget all."""
        self.log.write_text("")

    def __len__(self) -> int:
        return len(self.log.read_text().splitlines())

    def __eq__(self, other: object) -> bool:
        return self.log.read_text().splitlines() == other

    __hash__ = None  # type: ignore[assignment]


@dataclass
class Told:
    """An event as it lies in the outbox."""

    type: str
    payload: dict[str, Any]
    tenant_id: UUID | None


@asynccontextmanager
async def backend_at(blueprint: Blueprint, folder: Path, database_url: str, **variables: str) -> AsyncIterator[Backend]:
    """The project in ``folder``, running."""
    (folder / STATEMENTS).write_text("")
    async with (
        running_typescript(folder, database_url, counting=True, **variables) as url,
        httpx.AsyncClient(base_url=url, timeout=30) as client,
    ):
        document = (await client.get("/openapi.json")).json()
        app = Documented(document, database_url)
        yield Backend(blueprint, app, client, Statements(folder / STATEMENTS))


@asynccontextmanager
async def started_typescript(
    name: str, engine: str, folder: Path, postgres: PostgresHost, **variables: str
) -> AsyncIterator[Backend]:
    """An example on an empty database of either engine."""
    blueprint = example(name)
    project = write_typescript(blueprint, folder / "project")
    if engine == "sqlite":
        async with backend_at(blueprint, project, f"sqlite+aiosqlite:///{folder}/app.db", **variables) as found:
            yield found
        return
    async with (
        postgres.scratch() as scratch,
        backend_at(blueprint, project, postgres_url(postgres, scratch), **variables) as found,
    ):
        yield found


async def events(backend: Backend, row: str) -> list[Told]:
    """What the outbox tells of a row."""
    url = backend.app.database_url
    columns = "select type, payload, tenant_id from outbox_events where aggregate_id"
    if url.startswith("sqlite"):
        with sqlite3.connect(url.partition("///")[2]) as connection:
            found = connection.execute(f"{columns} = ? order by sequence", (UUID(row).hex,)).fetchall()
    else:
        link = await asyncpg.connect(url.replace("+asyncpg", ""))
        try:
            found = [tuple(each) for each in await link.fetch(f"{columns} = $1 order by sequence", UUID(row))]
        finally:
            await link.close()
    return [Told(kind, json.loads(payload), UUID(str(tenant)) if tenant else None) for kind, payload, tenant in found]
