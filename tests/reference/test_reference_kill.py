"""Killed at any moment and started again, the application has told of every order exactly once."""

from __future__ import annotations

import os
import random
from dataclasses import replace
from pathlib import Path

import pytest
from outbox_program import Plan
from outbox_redis import OwnRedis
from outbox_rounds import Balance, balance, rounds_dying_before, rounds_with_kills, tables_at

pytest_plugins = ("outbox_fixtures",)

SEED = int(os.environ.get("KILL_SEED", "20261124"))
"""Of the moments to kill at."""

STEPS = (
    "INSERT INTO orders",
    "INSERT INTO outbox_events",
    "COMMIT",
    "UPDATE outbox_events SET attempts",
    "XADD",
    "UPDATE outbox_events SET published_at",
    "XREADGROUP",
    "INSERT INTO processed_events",
    "INSERT INTO effects",
    "XACK",
)
"""All that happens to an order, from the request to the consumer's acknowledgement."""


async def test_an_application_killed_in_the_middle_of_1000_writes_tells_of_each_exactly_once(
    events_url: str, redis_server: OwnRedis
) -> None:
    plan = Plan(events_url, redis_server.url, total=1000)
    async with tables_at(events_url) as database:
        assert await rounds_with_kills(plan, random.Random(SEED), kills=6) >= 4
        result = await balance(database)
    assert result.exact and result.orders == 1000, (SEED, result)


async def test_dying_before_any_step_loses_and_doubles_nothing(events_url: str, redis_server: OwnRedis) -> None:
    rng = random.Random(SEED)
    plan = Plan(events_url, redis_server.url, total=120)
    async with tables_at(events_url) as database:
        await rounds_dying_before(plan, [(step, rng.randint(1, 3)) for step in STEPS])
        result = await balance(database)
    assert result.exact and result.orders == 120, (SEED, result)


async def first_imbalance(plan: Plan, step: str, folder: Path) -> Balance | None:
    """What is wrong after the first death before such a step that shows it.

    An order handled before the relay has marked its event comes again, whatever the consumer did: try a later one.
    """
    for die_at in range(1, 10):
        url = f"sqlite+aiosqlite:///{folder}/{die_at}.db"
        async with tables_at(url) as database:
            await rounds_dying_before(replace(plan, database_url=url, stream=f"orders-{die_at}"), [(step, die_at)])
            result = await balance(database)
        if not result.exact:
            return result
    return None


@pytest.mark.parametrize(
    ("twin", "step", "what"),
    [
        ("emit after commit", "INSERT INTO outbox_events", "lost"),
        ("emit before the change", "INSERT INTO orders", "phantom"),
        ("marked before published", "XADD", "lost"),
        ("acknowledged before handled", "INSERT INTO effects", "lost"),
        ("no memory of handled events", "XACK", "twice"),
    ],
)
async def test_a_weakened_twin_is_caught(
    twin: str, step: str, what: str, tmp_path: Path, redis_server: OwnRedis
) -> None:
    result = await first_imbalance(Plan("", redis_server.url, total=40, twin=twin), step, tmp_path)
    assert result and getattr(result, what), result
