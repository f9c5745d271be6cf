"""Laws of every answer: kept by the lawful sample, broken by each weakened twin."""

from __future__ import annotations

import pytest
from lawful_help import judged

from backend.exercise.laws.wire._structured import items


@pytest.mark.parametrize(
    ("law_id", "bug", "said"),
    [
        ("law.envelope", "bare-404", "404 outside the envelope"),
        ("law.envelope", "bare-405", "405 outside the envelope"),
        ("law.envelope", "bare-415", "415 outside the envelope"),
        ("law.envelope", "bare-422", "422 outside the envelope"),
        ("law.allow-complete", "allow-short", "Allow lacks DELETE, PATCH"),
        ("law.no-leak", "leak", "UNIQUE constraint failed"),
        ("law.security-headers", "no-security-headers", "x-content-type-options: None"),
        ("law.cache-control", "errors-stored", "not no-store"),
        ("law.cache-control", "public-cache", "but without a token it is 401"),
    ],
)
async def test_a_weakened_twin_is_caught(law_id: str, bug: str, said: str) -> None:
    verdict = await judged(law_id, bug)
    assert any(said in failure.message for failure in verdict.failures), verdict
    assert all(failure.exchanges and failure.check == law_id for failure in verdict.failures)


@pytest.mark.parametrize(
    ("bug", "said"),
    [
        ("rate-lies", "r is 20 before and after 5 requests"),
        ("rate-unlimited", "r was 0, and the next request was let through"),
        ("no-retry-after", "429 has Retry-After: none"),
    ],
)
async def test_a_limit_that_lies_is_caught(bug: str, said: str) -> None:
    verdict = await judged("law.rate-limit-truth", bug, rate=20)
    assert verdict.failures[0].message.startswith(said)


async def test_a_limit_is_used_up_and_told_truly() -> None:
    verdict = await judged("law.rate-limit-truth", rate=20)
    assert (verdict.failures, verdict.held, verdict.requests) == ([], ["GET /api/v1/authors"], 21)


async def test_a_quota_beyond_the_burst_is_watched_and_not_used_up() -> None:
    verdict = await judged("law.rate-limit-truth", rate=5000)
    assert verdict.failures == []
    assert "beyond the 400 requests" in verdict.untested["the end of the limit"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('"default";r=99;t=60', [("default", {"r": 99, "t": 60})]),
        ('"a";q=1, "b";w=2', [("a", {"q": 1}), ("b", {"w": 2})]),
    ],
)
def test_limits_are_read_as_structured_fields(text: str, found: list[tuple[str, dict[str, int]]]) -> None:
    assert [(each.name, each.parameters) for each in items(text)] == found


@pytest.mark.parametrize("text", ["", "99", "default;r=1", '"a";r=1.5', '"a";r="1"', '"a" "b"', '"a";R=1', '"a";r=1,'])
def test_what_is_no_structured_field_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"no string at|neither a comma"):
        items(text)
