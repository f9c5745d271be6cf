"""The bugs that everybody knows by name, each planted in the scaffolded shop and found."""

from __future__ import annotations

import pytest
from mutants_yard import BY_ID, CASES, caught

from benchmarks.mutants.hunt import point
from benchmarks.mutants.shop import Yard

NAMED = {
    "crash-on-input": "answered 500",
    "wrong-status": "200 is not in the contract",
    "schema-violation": "is not of type",
    "tenant-filter-missing": "of another tenant",
    "mass-assignment": "owner_id in the body of a create was taken over",
    "lost-update": "not one 200 and the others 412",
    "n-plus-one": "for 20; repeated is: SELECT products",
    "limit-unbounded": "is beyond what may be asked for",
    "cache-not-invalidated": "shows the old name",
    "retry-creates-twice": "two creates with one key made 2 rows",
    "stack-trace-leaked": "Traceback",
    "event-after-commit": "nobody is ever told of it",
}


@pytest.mark.parametrize("mutant", NAMED)
async def test_a_planted_bug_is_found(mutant: str, yard: Yard) -> None:
    assert NAMED[mutant] in await caught(yard, BY_ID[mutant])


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
async def test_the_same_checks_find_nothing_in_the_sound_shop(engine: str, yard: Yard) -> None:
    async with yard.shop(engine=engine, budget=CASES) as shop:
        for mutant in (BY_ID[name] for name in NAMED):
            if engine in ("sqlite", mutant.engine):
                failures = await point(shop, mutant.caught_by[0], mutant.resources)
                assert failures == [], mutant.id
