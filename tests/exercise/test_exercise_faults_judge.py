"""The verdict on what clients saw, case by case."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from backend.exercise.exchange import Answer, Call
from backend.exercise.faults import judge
from backend.exercise.faults.asking import Seen
from backend.exercise.faults.traffic import envelope, listed

ENVELOPE = json.dumps({"error": {"code": "UNAVAILABLE", "message": "Try again", "details": []}}).encode()
READ = Call("GET", "/notes")


def seen(
    status: int = 200,
    body: bytes = ENVELOPE,
    *,
    seconds: float = 0.1,
    error: str = "",
    role: str = "read",
    began: float = 0.0,
    marker: str = "",
    retry_after: str = "1",
) -> Seen:
    answer = None if error else Answer(status, {"retry-after": retry_after}, body, seconds)
    return Seen(role, READ, began, seconds, answer, error, marker)


def test_answers_as_before_and_503_as_agreed_are_well() -> None:
    assert not list(judge.degraded("c", [seen(200), seen(304), seen(503), seen(409), seen(429)], longest=1))


@pytest.mark.parametrize(
    ("each", "message"),
    [
        (seen(500), "expected 503 with Retry-After; the answer was 500"),
        (seen(502), "expected 503 with Retry-After; the answer was 502"),
        (seen(503, retry_after=""), "503 has no Retry-After header"),
        (seen(503, b"Service Unavailable"), "503 has no error envelope"),
        (seen(503, b'{"error": "no"}'), "503 has no error envelope"),
        (seen(404), "the same request was answered well before; now it was 404"),
        (seen(seconds=1.5), "expected an answer within 1 s; it took up to 1.5 s"),
        (seen(error="timeout"), "expected 503; no answer within 1 s"),
        (seen(error="reset"), "expected 503; the connection ended with: reset"),
        (seen(error="refused"), "expected 503; the connection ended with: refused"),
        (seen(error="malformed"), "expected 503; the connection ended with: malformed"),
    ],
)
def test_each_wrong_answer_is_named(each: Seen, message: str) -> None:
    (failure,) = judge.degraded("fault.x", [seen(), each], longest=1)
    assert (failure.check, failure.operation, failure.message) == ("fault.x", "GET /notes", message)
    assert failure.exchanges == each.evidence


@pytest.mark.parametrize(
    "body",
    [
        b"Traceback (most recent call last)",
        b'{"detail": "asyncpg.exceptions"}',
        b"connect to 127.0.0.1 failed",
        b"Errno",
    ],
)
def test_an_error_that_tells_of_the_inside_leaks(body: bytes) -> None:
    assert [failure.check for failure in judge.leaks([seen(503, body)])] == ["fault.leak"]
    assert not list(judge.leaks([seen(200, body)])), "what was asked for may say anything"
    assert not list(judge.leaks([seen(503)]))


def test_the_same_problem_is_told_once_with_its_number() -> None:
    (failure,) = judge.degraded("c", [seen(500)] * 3, longest=1)
    assert failure.message.endswith("(3 times)")


def test_readiness_must_turn_and_return_and_health_must_stay() -> None:
    def ready(began: float, status: int) -> Seen:
        return seen(status, role="ready", began=began)

    assert not list(judge.readiness([ready(0, 200), ready(2, 503), ready(5, 200)], 1, 4))
    assert [each.message for each in judge.readiness([ready(2, 200), ready(5, 200)], 1, 4)] == [
        "expected 503 without database; it was 200"
    ]
    assert [each.message for each in judge.readiness([ready(2, 503), ready(5, 503)], 1, 4)] == [
        "expected 200 after the return; it was 503"
    ]
    assert not list(judge.readiness([], 1, 4))
    assert [each.check for each in judge.health([seen(503, role="health")])] == ["fault.health"]


def test_recovery_is_counted_from_the_return() -> None:
    course = [seen(503, began=1.0), seen(503, began=3.2), seen(200, began=3.5)]
    assert judge.recovery_seconds(course, 3.0) == pytest.approx(0.3)
    assert judge.recovery_seconds(course, 3.4) == 0.0
    assert not list(judge.recovery(course, 3.0, within=1.0))
    assert [each.check for each in judge.recovery(course, 3.0, within=0.2)] == ["fault.recovery"]


def test_writes_are_compared_with_what_is_stored() -> None:
    told = [seen(201, role="write", marker=marker) for marker in ("a", "b", "c")]
    silent = seen(error="reset", role="write", marker="d")
    assert not list(judge.writes([*told, silent], Counter("abc")))
    assert not list(judge.writes([*told, silent], Counter("abcd"))), "one that was not answered may be there"
    found = list(judge.writes([*told, silent], Counter("acdd")))
    assert [each.check for each in found] == ["fault.lost-write", "fault.doubled-write"]


def test_an_envelope_has_code_message_and_details() -> None:
    assert envelope(Answer(503, body=ENVELOPE))
    for body in (b"", b"[]", b'{"error": {"code": "X"}}', b"<html>"):
        assert envelope(Answer(503, body=body)) is None


async def test_rows_are_counted_over_pages_by_number_and_by_cursor() -> None:
    rows = [{"name": name} for name in "abcab"]

    async def by_page(call: Call) -> Answer:
        page = int(call.path.partition("page=")[2] or 1)
        content = {"data": rows[2 * page - 2 : 2 * page], "meta": {"page": page, "limit": 2, "total": 5}}
        return Answer(200, body=json.dumps(content).encode())

    async def by_cursor(call: Call) -> Answer:
        start = int(call.path.partition("cursor=")[2] or 0)
        following = str(start + 2) if start + 2 < len(rows) else None
        content = {"data": rows[start : start + 2], "meta": {"limit": 2, "next_cursor": following}}
        return Answer(200, body=json.dumps(content).encode())

    async def gone(call: Call) -> Answer:
        return Answer(503)

    count = listed("/rows?limit=2", "name")
    assert await count(by_page) == await count(by_cursor) == Counter("aabbc")
    with pytest.raises(ValueError, match="answered 503"):
        await count(gone)
