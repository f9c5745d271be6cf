"""All laws together on a sound program, and what the run says of them."""

from __future__ import annotations

from lawful_help import lawful

from backend.exercise.laws import all_laws, law, run_laws


async def test_a_sound_backend_keeps_every_law() -> None:
    async with lawful() as subject:
        results = await run_laws(subject, all_laws())
    assert [(each.check, each.operation, each.message) for each in results.failures] == []
    assert [each.law for each in results.verdicts if not each.tested] == ["law.rate-limit-truth"]
    assert results.verdicts[-1].untested == {
        "GET /api/v1/authors": "answers have no RateLimit header: limits are switched off, or told in another way"
    }
    assert sum(each.requests for each in results.verdicts) < 3000


async def test_without_a_blueprint_the_laws_hold_by_the_contract_alone() -> None:
    async with lawful(blueprint=False) as subject:
        results = await run_laws(subject, all_laws())
    assert [(each.check, each.operation, each.message) for each in results.failures] == []
    untested = {each.law: [*each.untested.values()] for each in results.verdicts if not each.tested}
    assert sorted(untested) == ["law.event-emitted", "law.rate-limit-truth", "law.tenant-isolated"]
    assert untested["law.event-emitted"][0].startswith("there is nothing to hold it against: it applies to resources")
    assert "neither a blueprint nor its rows" in untested["law.tenant-isolated"][0]


async def test_the_same_seed_sends_the_same_requests() -> None:
    seen = []
    for seed in (3, 3, 4):
        async with lawful(seed=seed) as subject:
            results = await run_laws(subject, [law("law.page-partition"), law("law.update-effective")])
        seen.append([(each.requests, each.held) for each in results.verdicts])
    assert seen[0] == seen[1]


async def test_a_law_that_uses_up_its_requests_says_what_it_did_not_try() -> None:
    async with lawful() as subject:
        results = await run_laws(subject, [law("law.page-partition")], most=20)
    verdict = results.of("law.page-partition")
    assert verdict.requests <= 20
    assert "the 20 requests of this law were used up before" in verdict.untested.values()


async def test_time_that_is_up_leaves_laws_untested_and_a_limit_that_is_on_is_no_failure() -> None:
    ticks = iter(range(0, 10_000, 50))
    async with lawful(rate=30) as subject:
        calls: list[tuple[int, int, str]] = []
        laws = [law("law.page-partition"), law("law.filter-sound"), law("law.rate-limit-truth")]
        results = await run_laws(subject, laws, lambda *told: calls.append(told), clock=lambda: float(next(ticks)))
    assert results.failures == []
    assert [each[:2] for each in calls] == [(0, 3), (1, 3), (2, 3)]
    assert "rate limit" in " ".join(results.untested["law.page-partition"].values())
    assert results.untested["law.rate-limit-truth"] == {"everything": "the 120 s of the check were over before"}


async def test_every_law_has_a_whole_record() -> None:
    laws = all_laws()
    assert len({law.id for law in laws}) == len(laws)
    for each in laws:
        assert each.id.startswith("law.")
        assert each.claim.endswith(".") and each.why.endswith(".")
        assert each.applies and each.source
        assert law(each.id) is each
