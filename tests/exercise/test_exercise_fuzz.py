"""The contract fuzz: silent on a sound backend, and every planted fault found in one small request."""

from __future__ import annotations

import json
import re

import pytest
from exercise_help import Recording, subject, subject_on

from backend.exercise.exchange import Failure
from backend.exercise.fuzz.run import FuzzResult, fuzz
from backend.exercise.subject import Budget
from backend.exercise.world import IDS


async def fuzzed(bugs: str, cases: int = 500, seed: int = 1, slow: float = 1.0) -> FuzzResult:
    async with subject(bugs, budget=Budget(cases, 60, slow), seed=seed, seconds=1) as backend:
        return await fuzz(backend)


def one(result: FuzzResult, check: str, operation: str = "") -> Failure:
    return next(each for each in result.failures if each.check == check and operation in each.operation)


@pytest.mark.parametrize("seed", [1, 2])
async def test_nothing_is_found_in_a_sound_backend(seed: int) -> None:
    result = await fuzzed("", 1200, seed)
    assert result.failures == []
    assert (result.cases, result.complete, result.unreached, result.ends) == (1200, True, {}, 0)
    assert {status for _, status in result.statuses} >= {200, 201, 204, 400, 404, 405, 409, 422}


async def test_nothing_is_found_in_a_sound_backend_that_demands_tokens() -> None:
    async with subject("", auth=True, budget=Budget(600)) as backend:
        result = await fuzz(backend)
    assert (result.failures, result.unreached) == ([], {})


@pytest.mark.parametrize(
    ("bug", "check", "said"),
    [
        ("crash", "fuzz.server-error", "500"),
        ("wrong-status", "fuzz.undocumented-status", "200 is not in the contract"),
        ("schema-violation", "fuzz.schema-violation", "created_at: 17 is not of type"),
        ("accepts-invalid", "fuzz.accepted-invalid", "the answer is 201"),
        ("unknown-keys", "fuzz.accepted-invalid", "unknown key"),
        ("unbounded-limit", "fuzz.accepted-invalid", "too large"),
        ("refuses-valid", "fuzz.refused-valid", "letters of the alphabet"),
        ("leak", "fuzz.leak", "UNIQUE constraint failed"),
        ("no-allow", "fuzz.method-not-allowed", "Allow lacks"),
        ("no-request-id", "fuzz.request-id", "has no X-Request-Id"),
        ("content-type", "fuzz.content-type", "text/plain"),
        ("no-envelope", "fuzz.schema-violation", '"error" is a required property'),
        ("exit", "fuzz.process-ended", "exit code 7"),
    ],
)
async def test_a_planted_fault_is_found(bug: str, check: str, said: str) -> None:
    result = await fuzzed(bug)
    found = [each for each in result.failures if each.check == check]
    assert found
    assert any(said in each.message for each in found)
    assert len({(each.check, each.operation) for each in result.failures}) == len(result.failures)


async def test_a_slow_answer_is_found() -> None:
    assert "over 0.2 s" in one(await fuzzed("slow", 200, slow=0.2), "fuzz.slow").message


async def test_a_failure_is_the_least_request_with_its_sql_and_the_rows_it_needs() -> None:
    failure = one(await fuzzed("crash"), "fuzz.server-error", "POST /api/v1/posts")
    user, post = failure.exchanges
    assert (user.call.method, user.call.path, user.answer.status) == ("POST", "/api/v1/users", 201)
    body = json.loads(post.call.body)
    assert sorted(body) == ["price", "title", "user_id"]
    assert body["title"] == "'"
    assert body["user_id"] == user.answer.json()["data"]["id"]
    assert post.answer.statements == ("SELECT '''",)
    assert failure.seed == 1


async def test_the_same_seed_gives_the_same_cases_and_another_gives_others() -> None:
    seen = []
    for seed in (7, 7, 8):
        async with subject("") as backend:
            target = Recording(backend.target)
            await fuzz(subject_on(target, backend.contract, budget=Budget(300), seed=seed))
            seen.append([(call.method, IDS.sub("id", call.path), _without_ids(call.body)) for call in target.calls])
    assert seen[0] == seen[1]
    assert seen[0] != seen[2]


def _without_ids(body: bytes) -> bytes:
    return re.sub(rb'"user_id": "[0-9a-f-]{36}"', b"", body)


async def test_the_fuzz_stops_when_its_time_is_up_and_says_so() -> None:
    ticks = iter(range(1000))
    async with subject("", budget=Budget(100_000, 20)) as backend:
        result = await fuzz(backend, clock=lambda: float(next(ticks)))
    assert not result.complete
    assert result.cases < 30
