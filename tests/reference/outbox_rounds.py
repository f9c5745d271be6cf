"""Starts the outbox program, kills it, starts it again, and counts what came of it."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from functools import cache
from multiprocessing import forkserver, get_context
from multiprocessing.context import ForkServerContext
from pathlib import Path
from unittest.mock import patch

from outbox_program import Plan, effects, orders, run
from sqlalchemy import func, select

from backend.reference.database import Base, Database
from backend.reference.events.tables import outbox_events
from backend.reference.settings import Settings

ROOT = Path(__file__).parents[2]


@asynccontextmanager
async def tables_at(url: str, *, patience: float = 10.0) -> AsyncIterator[Database]:
    """A database with all tables of the events in it; a statement may take ``patience`` seconds."""
    settings = {"database_url": url, "environment": "development", "database_statement_timeout": patience}
    database = Database.of(Settings.model_validate(settings))
    async with database.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    try:
        yield database
    finally:
        await database.close()


@cache
def processes() -> ForkServerContext:
    """Makes children from a process that has imported the program and done nothing else: imports take longest."""
    context = get_context("forkserver")
    context.set_forkserver_preload(["outbox_program"])
    path = os.pathsep.join([str(ROOT), str(Path(__file__).parent)])
    with patch.dict(os.environ, PYTHONPATH=path):  # Python 3.11 does not hand sys.path on
        forkserver.ensure_running()
    return context


async def run_program(plan: Plan, *, kill_after: int | None = None) -> bool:
    """Run the program in a process of its own, or kill it when it has committed so many orders.

    Returns:
        Whether it came to its end.
    """
    receiver, sender = processes().Pipe(duplex=False)
    process = processes().Process(target=run, args=(plan, sender))
    await asyncio.to_thread(process.start)
    sender.close()
    committed = 0
    with receiver, suppress(EOFError):
        while True:
            await asyncio.to_thread(receiver.recv)
            committed += 1
            if committed == kill_after:
                process.kill()
    await asyncio.to_thread(process.join)
    return process.exitcode == 0


async def rounds_with_kills(plan: Plan, rng: random.Random, kills: int) -> int:
    """Kill the program at random moments, then let it finish.

    Returns:
        How often it was killed before it had done everything.
    """
    killed = 0
    for _ in range(kills):
        killed += not await run_program(plan, kill_after=rng.randint(1, 2 * plan.total // (kills + 1)))
    assert await run_program(plan)
    return killed


async def rounds_dying_before(plan: Plan, steps: Iterable[tuple[str, int]]) -> None:
    """Let the program kill itself before each of the steps in turn, then let it finish."""
    for die_before, die_at in steps:
        assert not await run_program(replace(plan, die_before=die_before, die_at=die_at)), die_before
    assert await run_program(plan)


@dataclass(frozen=True)
class Balance:
    """What there is at the end."""

    orders: int
    events: int
    effects: int
    lost: int
    """Orders without an effect."""
    phantom: int
    """Effects without an order."""
    twice: int
    """Orders with several effects."""

    @property
    def exact(self) -> bool:
        return not (self.lost or self.phantom or self.twice) and self.orders == self.events == self.effects


async def balance(database: Database) -> Balance:
    async with database.engine.connect() as connection:
        known = set((await connection.scalars(select(orders.c.id))).all())
        handled = (await connection.scalars(select(effects.c.order_id))).all()
        events = await connection.scalar(select(func.count()).select_from(outbox_events)) or 0
    return Balance(
        orders=len(known),
        events=events,
        effects=len(handled),
        lost=len(known - set(handled)),
        phantom=len(set(handled) - known),
        twice=len(handled) - len(set(handled)),
    )
