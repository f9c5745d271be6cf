"""A scaffolded shop that is killed: its application and its worker in processes of their own, a client that insists.

The client repeats a request with its ``Idempotency-Key`` until it is answered. What a dead worker held is released
before the next one starts, as it would be by the time that leases run out in: nothing else of the shop is changed but
what its users change, a consumer and the table it writes to.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import re
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import httpx2 as httpx
from redis.asyncio import Redis
from rendered_projects import example, write_project

from backend.engines.postgres.host import PostgresHost
from backend.exercise.callers import Caller, minted
from backend.exercise.ground import Engine, Ground, ground
from backend.exercise.project import SCAFFOLDED, Project
from backend.exercise.served import App, Served, serve, surroundings

STREAM = "shop.events"
CONSUMER = "recorder"
LEASE_MS = 120_000
"""Longer than anything is held after its holder has died."""

EMITTING = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE 'INSERT INTO outbox_events%'
"""
"""Transactions that are about to write an event."""

AT_ONCE = 8
"""Requests under way at the same time."""

RECORDER = '''"""Records every event, once each."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from app.core.events.event import Event

recorded = sa.table("recorded_events", sa.column("event_id"), sa.column("row_id"))


async def record(connection: AsyncConnection, event: Event) -> None:
    """Write down which row it tells of."""
    await connection.execute(sa.insert(recorded).values(event_id=str(event.id), row_id=str(event.aggregate_id)))
'''

MIGRATION = '''"""A table of what was recorded, without any constraint, so that doing it twice shows."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "recorded"
down_revision: str | None = "0001"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.create_table("recorded_events", sa.Column("event_id", sa.String(36)), sa.Column("row_id", sa.String(36)))


def downgrade() -> None:
    op.drop_table("recorded_events")
'''

NO_CONSUMERS = "CONSUMERS: Sequence[Consumer] = ()\n"
WITH_CONSUMER = 'CONSUMERS: Sequence[Consumer] = (Consumer("recorder", {"order.created": record}),)\n'
EMIT = '    await emit_change(connection, "order.created", row, tenant_id=caller.tenant)\n'
CREATE = re.compile(r"    return (await created_once\(\n        request,\n        lambda .*?\n    \)\n)", re.DOTALL)
EMIT_AFTERWARDS = """    if "Idempotency-Replayed" not in response.headers:
        row = orjson.loads(response.body)["data"]
        made = Event(type="order.created", aggregate_id=UUID(row["id"]), tenant_id=caller.tenant, payload=row)
        await services(request).database.write(lambda connection: emit(connection, made))
    return response
"""


def replace(path: Path, old: str, new: str) -> None:
    """Change the first place of a file that reads ``old``."""
    text = path.read_text(encoding="utf-8")
    assert old in text, (path, old)
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def shop_with_recorder(folder: Path) -> Path:
    """The example, with a consumer as its users write one."""
    write_project(example("shop"), folder)
    (folder / "app/recorder.py").write_text(RECORDER, encoding="utf-8")
    (folder / "migrations/versions/recorded.py").write_text(MIGRATION, encoding="utf-8")
    worker = folder / "app/worker.py"
    replace(worker, NO_CONSUMERS, WITH_CONSUMER)
    replace(worker, "from app.settings import", "from app.recorder import record\nfrom app.settings import")
    return folder


def emits_after_commit(folder: Path) -> Path:
    """Weakened twin: the event in a transaction of its own, after that of the order."""
    replace(folder / "app/orders/service.py", EMIT, "")
    routes = folder / "app/orders/routes.py"
    text, twins = CREATE.subn(rf"    response = \1{EMIT_AFTERWARDS}", routes.read_text(encoding="utf-8"))
    assert twins
    routes.write_text(text, encoding="utf-8")
    imports = "import orjson\nfrom app.core.events.event import Event\nfrom app.core.events.outbox import emit\n"
    replace(routes, "from fastapi import", f"{imports}from fastapi import")
    return folder


@dataclass(frozen=True)
class Balance:
    """What there is at the end."""

    acknowledged: int
    rows: int
    recorded: int
    missing: int
    """Acknowledged rows that are not there."""
    doubled: int
    """Requests that made several rows."""
    untold: int
    """Rows whose event was not recorded."""
    twice: int
    """Rows whose event was recorded more than once."""
    phantom: int
    """Recorded events without a row."""

    @property
    def exact(self) -> bool:
        """Whether everything happened once."""
        wrong = self.missing or self.doubled or self.untold or self.twice or self.phantom
        return not wrong and self.acknowledged == self.rows == self.recorded


@dataclass(frozen=True)
class Ordeal:
    """What the shop goes through."""

    writes: int
    kills: int
    """Of the application and of the worker, each."""
    seed: int


@dataclass
class Shop:
    """The running shop."""

    ground: Ground
    database: asyncpg.Connection
    customer: Caller
    served: Served | None = None
    client: httpx.AsyncClient | None = None
    worker: asyncio.subprocess.Process | None = None
    up: asyncio.Event = field(default_factory=asyncio.Event)
    acknowledged: dict[int, UUID] = field(default_factory=dict)
    killed: Counter[str] = field(default_factory=Counter)
    _stack: contextlib.AsyncExitStack = field(default_factory=contextlib.AsyncExitStack)

    async def start_application(self) -> None:
        """Serve it, on a new port."""
        project = self.ground.project
        app = App(project.app, project.folder, self.ground.environment, factory=True, python=project.python)
        self._stack = contextlib.AsyncExitStack()
        self.served = await self._stack.enter_async_context(serve(app))
        client = httpx.AsyncClient(base_url=self.served.base, headers=dict(self.customer.headers), verify=False)
        self.client = await self._stack.enter_async_context(client)
        self.up.set()

    async def kill_application(self) -> None:
        """End it without warning; every other time at the worst moment, while an event is being written."""
        assert self.served is not None
        async with connected(self.ground) as holder, connected(self.ground) as observer, holder.transaction():
            if self.killed["application"] % 2 == 0:
                await holder.execute("LOCK TABLE outbox_events IN SHARE MODE")
                while not await observer.fetchval(EMITTING):
                    await asyncio.sleep(0.01)
            self.up.clear()
            self.served.signal(signal.SIGKILL)
            assert await self.served.ended(5) == -signal.SIGKILL
        await self._stack.aclose()
        self.killed["application"] += 1

    async def start_worker(self) -> None:
        """``python -m app.worker``."""
        folder = self.ground.project.folder
        self.worker = await asyncio.create_subprocess_exec(
            self.ground.project.python,
            *("-m", "app.worker"),
            cwd=folder,
            env=surroundings(str(folder)) | dict(self.ground.environment),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
        )

    async def kill_worker(self) -> None:
        """End it without warning, and let the time pass in which it could have come back for what it held."""
        assert self.worker is not None
        self.worker.kill()
        assert await self.worker.wait() == -signal.SIGKILL
        self.killed["worker"] += 1
        await self.database.execute("UPDATE outbox_events SET next_attempt_at = now() WHERE next_attempt_at > now()")
        async with self.redis() as redis:
            if not await redis.exists(STREAM) or not await redis.xinfo_groups(STREAM):
                return
            held: Any = await redis.xpending_range(STREAM, CONSUMER, min="-", max="+", count=10_000)
            for entry in held:
                await redis.xclaim(
                    STREAM,
                    CONSUMER,
                    entry["consumer"],
                    0,
                    [entry["message_id"]],
                    idle=LEASE_MS,
                    retrycount=entry["times_delivered"],
                    justid=True,
                )

    async def stop(self) -> None:
        """End both, without a complaint from either."""
        assert self.worker is not None and self.served is not None
        self.worker.terminate()
        assert await self.worker.wait() == 0
        assert await self.served.stop() in (0, -signal.SIGTERM)

    async def aclose(self) -> None:
        """End what still runs."""
        if self.worker is not None and self.worker.returncode is None:
            self.worker.kill()
            await self.worker.wait()
        await self._stack.aclose()

    def redis(self) -> Redis:
        """A client of the shop's Redis."""
        return Redis.from_url(self.ground.environment["REDIS_URL"])

    async def until_all_is_recorded(self) -> None:
        """Look until the outbox is empty and the consumer has acknowledged everything."""
        async with self.redis() as redis:
            while await self.database.fetchval("SELECT count(*) FROM outbox_events WHERE published_at IS NULL"):
                await asyncio.sleep(0.05)
            while True:
                groups = await redis.xinfo_groups(STREAM)
                last = (await redis.xinfo_stream(STREAM))["last-generated-id"]
                if groups and not groups[0]["pending"] and groups[0]["last-delivered-id"] == last:
                    return
                await asyncio.sleep(0.05)

    async def balance(self) -> Balance:
        """Count."""
        rows: dict[UUID, str] = {
            row["id"]: row["note"] for row in await self.database.fetch("SELECT id, note FROM orders")
        }
        recorded = Counter(
            UUID(row["row_id"]) for row in await self.database.fetch("SELECT row_id FROM recorded_events")
        )
        made = Counter(rows.values())
        return Balance(
            acknowledged=len(self.acknowledged),
            rows=len(rows),
            recorded=recorded.total(),
            missing=sum(rows.get(made_id) != f"order {number}" for number, made_id in self.acknowledged.items()),
            doubled=sum(count > 1 for count in made.values()),
            untold=len(rows.keys() - recorded.keys()),
            twice=sum(count > 1 for count in recorded.values()),
            phantom=len(recorded.keys() - rows.keys()),
        )


@contextlib.asynccontextmanager
async def running_shop(folder: Path, postgres: PostgresHost) -> AsyncIterator[Shop]:
    """The shop on PostgreSQL and Redis, with nobody in it yet."""
    project = Project(folder, SCAFFOLDED, sys.executable, example("shop"))
    async with ground(project, Engine.POSTGRES_REDIS, postgres) as made:
        customer = minted(made.signing, now=datetime.now(UTC))["owner"]
        async with connected(made) as database:
            shop = Shop(made, database, customer)
            try:
                yield shop
            finally:
                await shop.aclose()


@contextlib.asynccontextmanager
async def connected(made: Ground) -> AsyncIterator[asyncpg.Connection]:
    """A connection to the database."""
    connection = await asyncpg.connect(made.environment["DATABASE_URL"].replace("postgresql+asyncpg", "postgresql"))
    try:
        yield connection
    finally:
        await connection.close()


async def ordeal(folder: Path, postgres: PostgresHost, plan: Ordeal) -> tuple[Balance, Counter[str]]:
    """Let clients order while the shop is killed again and again.

    Returns:
        What there is at the end, and how often each process was killed.
    """
    rng = random.Random(plan.seed)
    async with running_shop(folder, postgres) as shop:
        await asyncio.gather(shop.start_application(), shop.start_worker())
        await _register(shop)
        moments = {who: _moments(rng, plan) for who in ("application", "worker")}
        numbers, sent = iter(range(plan.writes)), iter(range(1_000_000))
        due = {who: asyncio.Event() for who in moments}
        async with asyncio.TaskGroup() as group:
            killers = [group.create_task(_kill(shop, who, event)) for who, event in due.items()]

            def sending() -> None:
                count = next(sent)
                for who, event in due.items():
                    if count in moments[who]:
                        event.set()

            clients = [group.create_task(_order(shop, numbers, sending)) for _ in range(AT_ONCE)]
            await asyncio.gather(*clients)
            for killer in killers:
                killer.cancel()
        if not shop.up.is_set():
            await shop.start_application()
        if shop.worker is None or shop.worker.returncode is not None:
            await shop.start_worker()
        async with asyncio.timeout(60):
            await shop.until_all_is_recorded()
        balance = await shop.balance()
        await shop.stop()
        return balance, shop.killed


def _moments(rng: random.Random, plan: Ordeal) -> frozenset[int]:
    """How many requests have been sent when a process is killed; spread, so that it is up again before the next."""
    part = plan.writes // (plan.kills + 1)
    return frozenset(rng.randrange(part * number + part // 4, part * (number + 1)) for number in range(plan.kills))


async def _register(shop: Shop) -> None:
    assert shop.client is not None
    answer = await shop.client.post("/api/v1/customers", json={"email": "somebody@example.com", "name": "Somebody"})
    assert answer.status_code == 201, answer.text


async def _order(shop: Shop, numbers: Iterator[int], sending: Callable[[], None]) -> None:
    """Order until no number is left; each until it is acknowledged."""
    for number in numbers:
        while number not in shop.acknowledged:
            await shop.up.wait()
            assert shop.client is not None
            sending()
            with contextlib.suppress(httpx.TransportError):
                await _ask(shop, shop.client, number)


async def _ask(shop: Shop, client: httpx.AsyncClient, number: int) -> None:
    """Send one request; it may be refused while one with the same key is still under way in a session that is dead."""
    headers = {"Idempotency-Key": f"order {number}"}
    answer = await client.post("/api/v1/orders", json={"note": f"order {number}"}, headers=headers)
    if answer.status_code == 201:
        shop.acknowledged[number] = UUID(answer.json()["data"]["id"])
        return
    code = answer.json()["error"]["code"]
    assert code in ("IDEMPOTENCY_IN_PROGRESS", "UNAVAILABLE"), answer.text


async def _kill(shop: Shop, who: str, due: asyncio.Event) -> None:
    """Kill one of the two whenever it is due, and start it again."""
    while True:
        await due.wait()
        due.clear()
        if who == "application":
            await shop.kill_application()
            await shop.start_application()
        else:
            await shop.kill_worker()
            await shop.start_worker()
