"""The blog of either stack as a real server: rendered, migrated, started in its own process, asked over HTTP."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
from node_clients import NODE, environment

from backend.engines.postgres.host import PostgresHost
from backend.exercise.callers import Caller, Callers, minted
from backend.exercise.ground import Engine, ground
from backend.exercise.project import SCAFFOLDED, Project, typescript_project
from backend.exercise.served import App, serve
from backend.scaffold.stack import Stack
from benchmarks.mutants.record import Edit
from benchmarks.stack_faults.hunt import blueprint, planted, sound

SECRET = "sk_live_never_to_be_seen"
"""Stands in the error that is planted; no answer may show it."""
CRASH = {
    Stack.PYTHON: (
        Edit(
            "app/tags/routes.py",
            '    """Get a tag."""\n',
            f'    """Get a tag."""\n    raise RuntimeError("SELECT {SECRET} FROM /srv/app/secrets.py")\n',
        ),
    ),
    Stack.TYPESCRIPT: (
        Edit(
            "src/tags/access.ts",
            "export async function findTag(",
            "export async function findTag(...given: never[]): Promise<TagRow> {\n"
            f'  throw new Error("SELECT {SECRET} FROM /srv/app/secrets.ts", {{ cause: given }});\n'
            "}\n\nexport async function findTagSoundly(",
        ),
    ),
}
"""Getting a tag fails with an error nobody expects."""
BOOT_SECONDS = 30


@dataclass
class Wire:
    """One server, and who calls it."""

    stack: Stack
    engine: Engine
    client: httpx2.AsyncClient
    callers: Callers
    log: list[str] = field(default_factory=list)
    """Lines it wrote."""

    async def send(
        self,
        method: str,
        path: str,
        caller: str = "anonymous",
        *,
        headers: Mapping[str, str] | None = None,
        **sent: Any,
    ) -> httpx2.Response:
        """One request as one of the five callers."""
        given = {**self.callers[caller].headers, **(headers or {})}
        return await self.client.request(method, path, headers=given, **sent)

    def who(self, caller: str) -> Caller:
        """A caller by name."""
        return self.callers[caller]


@asynccontextmanager
async def wire(
    stack: Stack, engine: Engine, folder: Path, packages: Path, host: PostgresHost, **variables: str
) -> AsyncIterator[Wire]:
    """The blog with a planted crash, served over HTTP."""
    for path, text in planted(sound(stack), CRASH[stack]).items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    project = Project(folder, SCAFFOLDED, sys.executable, blueprint())
    if stack is Stack.TYPESCRIPT:
        (folder / "node_modules").symlink_to(packages)
        project = typescript_project(folder, blueprint())
    async with AsyncExitStack() as kept:
        place = await kept.enter_async_context(ground(project, engine, host))
        given = {**place.environment, "LOG_LEVEL": "INFO", "CORS_ORIGINS": "https://app.example.org", **variables}
        log: list[str] = []
        served = _node(folder, given, log) if stack is Stack.TYPESCRIPT else _uvicorn(folder, given, log)
        base = await kept.enter_async_context(served)
        client = await kept.enter_async_context(httpx2.AsyncClient(base_url=base, trust_env=False, timeout=20))
        callers = minted(place.signing, now=datetime.now(UTC), roles=["moderator"], tenants=False)
        yield Wire(stack, engine, client, callers, log)


@asynccontextmanager
async def _uvicorn(folder: Path, variables: Mapping[str, str], log: list[str]) -> AsyncIterator[str]:
    async with serve(App(SCAFFOLDED, folder, variables, factory=True)) as served:
        yield served.base
        log += served.log


@asynccontextmanager
async def _node(folder: Path, variables: Mapping[str, str], log: list[str]) -> AsyncIterator[str]:
    known = {**environment(folder), **variables, "PORT": "0"}
    process = await asyncio.create_subprocess_exec(
        str(NODE), "src/main.ts", cwd=folder, env=known, start_new_session=True,
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    assert process.stdout is not None
    output = process.stdout
    reading: asyncio.Task[None] | None = None

    async def read_on() -> None:
        async for line in output:
            log.append(line.decode())

    try:
        port = await asyncio.wait_for(_port(output, log), BOOT_SECONDS)
        reading = asyncio.create_task(read_on())
        yield f"http://127.0.0.1:{port}"
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        await asyncio.wait_for(process.wait(), BOOT_SECONDS)
        if reading is not None:
            await reading


async def _port(output: asyncio.StreamReader, log: list[str]) -> int:
    async for raw in output:
        log.append(raw.decode())
        if log[-1].startswith("{") and "port" in (said := json.loads(log[-1])):
            return int(said["port"])
    raise RuntimeError("".join(log))
