"""A scaffolded shop that is killed at any moment loses no order, makes none twice and tells of each exactly once."""

from __future__ import annotations

import os
from pathlib import Path

from acceptance_kill import Ordeal, emits_after_commit, ordeal, shop_with_recorder

from backend.engines.postgres.host import PostgresHost

PLAN = Ordeal(
    writes=int(os.environ.get("KILL_WRITES", "300")),
    kills=int(os.environ.get("KILLS", "3")),
    seed=int(os.environ.get("KILL_SEED", "20261124")),
)


async def test_orders_and_their_events_happen_once_whatever_is_killed(tmp_path: Path, postgres: PostgresHost) -> None:
    balance, killed = await ordeal(shop_with_recorder(tmp_path), postgres, PLAN)
    assert killed == {"application": PLAN.kills, "worker": PLAN.kills}
    assert balance.exact and balance.rows == PLAN.writes, (PLAN.seed, balance)


async def test_a_shop_that_emits_after_the_commit_is_caught(tmp_path: Path, postgres: PostgresHost) -> None:
    shop = emits_after_commit(shop_with_recorder(tmp_path))
    balance, _ = await ordeal(shop, postgres, Ordeal(writes=60, kills=1, seed=PLAN.seed))
    assert balance.untold, (PLAN.seed, balance)
    assert not (balance.missing or balance.doubled or balance.twice or balance.phantom), balance
