"""A submission as an application handles it; run as a program, it dies between the effect and the commit."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from datetime import UTC, datetime

from pydantic import SecretStr
from sqlalchemy import Column, Integer, MetaData, String, Table, insert
from sqlalchemy.ext.asyncio import AsyncConnection

import backend_architect  # noqa: F401  (claims the import path)
from backend.reference.database import Database
from backend.reference.idempotency import Answer, Submission, fingerprint, idempotency_keys, run_once
from backend.reference.settings import Settings

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
ROUTE = "POST /api/v1/orders"
orders = Table(
    "orders", MetaData(), Column("id", Integer, primary_key=True), Column("item", String(50), nullable=False)
)


def database_at(url: str) -> Database:
    return Database.of(Settings(database_url=SecretStr(url), database_pool_size=20))


async def create_tables(database: Database) -> None:
    async with database.engine.begin() as connection:
        await connection.run_sync(idempotency_keys.create)
        await connection.run_sync(orders.create)


def submission(key: str = "k-1", item: str = "book", caller: str = "alice", route: str = ROUTE) -> Submission:
    return Submission(caller, route, key, fingerprint("POST", "/api/v1/orders", b'{"item":"%s"}' % item.encode()))


async def order(connection: AsyncConnection, item: str = "book") -> Answer:
    done = await connection.execute(insert(orders).values(item=item))
    assert done.inserted_primary_key is not None
    number = done.inserted_primary_key[0]
    return Answer(201, b'{"data":{"item":"%s"}}' % item.encode(), {"Location": f"/api/v1/orders/{number}"})


async def die_before_the_commit(url: str, record_apart: bool) -> None:
    database = database_at(url)

    async def claim_alone(connection: AsyncConnection) -> None:
        async def nothing_yet() -> Answer:
            return Answer(201, b"")

        await run_once(connection, submission(), nothing_yet, now=NOW)

    async def work(connection: AsyncConnection) -> None:
        async def effect() -> Answer:
            await order(connection)
            os.kill(os.getpid(), signal.SIGKILL)
            raise AssertionError

        if record_apart:
            await effect()
        await run_once(connection, submission(), effect, now=NOW)

    if record_apart:
        await database.write(claim_alone)
    await database.write(work)


if __name__ == "__main__":
    asyncio.run(die_before_the_commit(sys.argv[1], record_apart="apart" in sys.argv[2:]))
