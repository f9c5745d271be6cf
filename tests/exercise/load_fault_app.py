"""A small backend that behaves well when its database or Redis is gone, and the ways in which it does not.

``FLAW`` names what is weakened: ``loses`` (acknowledges before it stores), ``leaks`` (answers 500 with the reason),
``hangs`` (waits for the database without limit), ``needs-redis``, ``doubles`` (ignores ``Idempotency-Key``),
``always-ready``, ``drops`` (ends at once on SIGTERM), ``dies`` (the process ends without its database).
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import asyncpg
from fastapi import FastAPI, Header, Request
from fastapi.responses import JSONResponse

FLAW = os.environ.get("FLAW", "")
WAIT = None if FLAW == "hangs" else 0.4
GONE = (OSError, TimeoutError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError, asyncpg.CannotConnectNowError)
SCHEMA = "create table if not exists notes (key text unique, marker text not null)"
WRITE = "insert into notes values ($1, $2) on conflict do nothing"


class State:
    pool: Any
    redis: Any = None


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    if FLAW == "drops":
        signal.signal(signal.SIGTERM, lambda *_: os._exit(1))
    if url := os.environ.get("REDIS_URL"):
        from redis.asyncio import Redis  # half a second that most of the tests can do without

        State.redis = Redis.from_url(url, socket_timeout=0.3, socket_connect_timeout=0.3, retry=None)
    async with asyncpg.create_pool(
        os.environ["DATABASE_URL"], min_size=4, max_size=4, init=prepare, timeout=WAIT or 60, command_timeout=WAIT
    ) as pool:
        State.pool = pool
        yield
        with suppress(*GONE):
            await asyncio.wait_for(pool.close(), 1)
        pool.terminate()


async def prepare(connection: Any) -> None:
    """Have the write in the connection's cache of statements, so that it takes one message to run it."""
    await connection.execute(SCHEMA)
    await connection.execute(WRITE, "first", "first")


app = FastAPI(lifespan=lifespan)


@app.exception_handler(Exception)
async def failed(request: Request, error: Exception) -> JSONResponse:
    if FLAW == "dies":
        os._exit(3)
    if FLAW == "leaks":
        return JSONResponse({"detail": f"asyncpg: {error!r}"}, 500)
    return JSONResponse(
        {"error": {"code": "UNAVAILABLE", "message": "Try again", "details": []}}, 503, {"Retry-After": "1"}
    )


for kind in GONE:
    app.exception_handler(kind)(failed)


async def visit() -> None:
    if State.redis is None:
        return
    from redis.exceptions import RedisError

    try:
        await State.redis.incr("visits")
    except (RedisError, OSError, RuntimeError):  # the last is uvloop's, for a transport that was reset
        if FLAW == "needs-redis":
            raise ConnectionError from None


@app.get("/healthz")
async def healthz() -> dict[str, str]:
    return {"status": "ok"}


@app.get("/readyz", response_model=None)
async def readyz() -> dict[str, str]:
    if FLAW != "always-ready":
        async with State.pool.acquire(timeout=WAIT) as connection:
            await connection.fetchval("select 1")
    return {"status": "ok"}


@app.get("/notes")
async def list_notes(q: str = "") -> dict[str, Any]:
    await visit()
    async with State.pool.acquire(timeout=WAIT) as connection:
        rows = await connection.fetch("select marker from notes where marker like $1 || '%'", q)
    return {"data": [dict(row) for row in rows], "meta": {}}


@app.post("/notes", status_code=201)
async def create_note(request: Request, idempotency_key: str = Header()) -> dict[str, Any]:
    marker = (await request.json())["marker"]
    await visit()
    storing = store(None if FLAW == "doubles" else idempotency_key, marker)
    if FLAW == "loses":
        task = asyncio.create_task(storing)
        task.add_done_callback(lambda done: done.exception())
    else:
        await storing
    return {"data": {"marker": marker}, "meta": {}}


async def store(key: str | None, marker: str) -> None:
    async with State.pool.acquire(timeout=WAIT) as connection:
        await connection.execute(WRITE, key, marker)
