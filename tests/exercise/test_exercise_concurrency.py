"""Races: a sound program comes through each of them, and each weakened twin does not."""

from __future__ import annotations

import pytest
from lawful_help import lawful

from backend.exercise.concurrency import all_races
from backend.exercise.laws import run_laws, try_law


async def test_a_sound_backend_comes_through_every_race() -> None:
    async with lawful() as subject:
        results = await run_laws(subject, all_races())
    assert [(each.check, each.operation, each.message) for each in results.failures] == []
    assert [each.law for each in results.verdicts if not each.tested] == []
    assert "two fields" in results.untested["race.lost-update"]["PATCH /api/v1/labels/{label_id}"]
    assert sum(each.requests for each in results.verdicts) < 400


@pytest.mark.parametrize(
    ("race", "bug", "said"),
    [
        ("race.lost-update", "lost-update", "answered [200, 200, 200, 200], not one 200"),
        ("race.lost-update", "lost-fields", "was answered with 200 and is lost"),
        ("race.double-submit", "double-submit", "made 4 rows"),
        ("race.unique", "unique-race", "[201, 500, 500, 500]"),
        ("race.orphan", "orphans", "it points to nothing"),
        ("race.link", "link-race", "[204, 500, 500, 500]"),
    ],
)
async def test_a_weakened_twin_loses_a_race(race: str, bug: str, said: str) -> None:
    tried = next(each for each in all_races() if each.id == race)
    async with lawful(bug) as subject:
        verdict = await try_law(subject, tried)
    assert any(said in failure.message for failure in verdict.failures), verdict
    assert all(len(failure.exchanges) > 1 for failure in verdict.failures)
