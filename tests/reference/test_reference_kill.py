"""Killed at any moment and started again, the application has told of every order exactly once."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest
from outbox_program import Plan
from outbox_redis import OwnRedis
from outbox_rounds import Balance, balance, rounds_dying_at_steps, rounds_with_kills, tables_at

pytest_plugins = ("outbox_fixtures",)

SEED = int(os.environ.get("KILL_SEED", "20261124"))
"""Of the moments to kill at."""

FEW = 40
STEPS = 250
"""More statements and commands than so few orders take at the least, fewer than they take at the most."""


async def test_an_application_killed_in_the_middle_of_1000_writes_tells_of_each_exactly_once(
    events_url: str, redis_server: OwnRedis
) -> None:
    plan = Plan(events_url, redis_server.url, total=1000)
    async with tables_at(events_url) as database:
        assert await rounds_with_kills(plan, random.Random(SEED), kills=5) >= 3
        result = await balance(database)
    assert result.exact and result.orders == 1000, (SEED, result)


async def test_dying_before_any_statement_or_command_loses_and_doubles_nothing(
    events_url: str, redis_server: OwnRedis
) -> None:
    plan = Plan(events_url, redis_server.url, total=FEW)
    async with tables_at(events_url) as database:
        await rounds_dying_at_steps(plan, random.Random(SEED), rounds=4, within=STEPS)
        result = await balance(database)
    assert result.exact and result.orders == FEW, (SEED, result)


async def first_imbalance(twin: str, folder: Path, redis: OwnRedis) -> Balance | None:
    """What is wrong after the first rounds that show it, of a few."""
    rng = random.Random(SEED)
    for attempt in range(8):
        url = f"sqlite+aiosqlite:///{folder}/{attempt}.db"
        plan = Plan(url, redis.url, total=FEW, twin=twin, stream=f"orders-{attempt}")
        async with tables_at(url) as database:
            await rounds_dying_at_steps(plan, rng, rounds=2, within=STEPS)
            result = await balance(database)
        if not result.exact:
            return result
    return None


@pytest.mark.parametrize(
    ("twin", "what"),
    [
        ("emit after commit", "lost"),
        ("emit before the change", "phantom"),
        ("marked before published", "lost"),
        ("acknowledged before handled", "lost"),
        ("no memory of handled events", "twice"),
    ],
)
async def test_a_weakened_twin_is_caught(twin: str, what: str, tmp_path: Path, redis_server: OwnRedis) -> None:
    result = await first_imbalance(twin, tmp_path, redis_server)
    assert result and getattr(result, what), (SEED, result)
