"""Bugs in values and fields, each planted in the scaffolded shop and found."""

from __future__ import annotations

import pytest
from mutants_yard import BY_ID, CASES, caught

from benchmarks.mutants.hunt import point
from benchmarks.mutants.shop import Yard

QUIET = {
    "decimal-rounded": "unit_price was sent as",
    "time-zone-dropped": "and the answer shows '2031-05-06T01:30:00.250000Z'",
    "default-not-applied": "active was left out; its default is True and it became False",
    "write-only-shown": "it shows tenant_id, which the contract does not name",
    "unknown-keys-swallowed": "unknown key: refusing it was expected",
    "read-only-accepted": "loyalty_points in the body of an update was taken over",
    "sort-ignored": "sort=position shows position as",
}


@pytest.mark.parametrize("mutant", QUIET)
async def test_a_planted_bug_is_found(mutant: str, yard: Yard) -> None:
    assert QUIET[mutant] in await caught(yard, BY_ID[mutant])


async def test_the_same_checks_find_nothing_in_the_sound_shop(yard: Yard) -> None:
    async with yard.shop(budget=CASES) as shop:
        for mutant in (BY_ID[name] for name in QUIET):
            assert await point(shop, mutant.caught_by[0], mutant.resources) == [], mutant.id
