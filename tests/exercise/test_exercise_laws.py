"""All laws together on a sound program, and what the run says of them."""

from __future__ import annotations

from lawful_help import lawful

from backend.exercise.laws import all_laws, run_laws


async def test_a_sound_backend_keeps_every_law() -> None:
    async with lawful() as subject:
        results = await run_laws(subject, all_laws())
    assert [(each.check, each.operation, each.message) for each in results.failures] == []
    assert [each.law for each in results.verdicts if not each.tested] == []
    assert sum(each.requests for each in results.verdicts) < 3000


async def test_every_law_has_a_whole_record() -> None:
    laws = all_laws()
    assert len({law.id for law in laws}) == len(laws)
    for law in laws:
        assert law.id.startswith("law.")
        assert law.claim.endswith(".") and law.why.endswith(".")
        assert law.applies and law.source
