"""``law.envelope``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backend.exercise.calls import document
from backend.exercise.exchange import Exchange
from backend.exercise.fuzz.judge import is_envelope
from backend.exercise.laws.law import Law
from backend.exercise.laws.trial import Trial, Untested
from backend.exercise.laws.wire._kinds import Given, every_kind


async def check(trial: Trial) -> None:
    """Collect an answer of every kind and look at the shape of each."""
    found = [given async for given in every_kind(trial)]
    promised = trial.subject.blueprint is not None
    if not promised and not any(is_envelope(document(each.answer)) for each in found):
        raise Untested("no error has this backend's envelope; it answers in another form throughout")
    wrapped = promised or any(_is_wrapped(document(each.answer)) for each in found if each.answer.status < 300)
    for given in found:
        async with trial.about(given.label):
            _judge(trial, given, promised, wrapped)


def _judge(trial: Trial, given: Given, promised: bool, wrapped: bool) -> None:
    body, status, shown = document(given.answer), given.answer.status, Exchange(given.call, given.answer)
    said = given.answer.body.decode(errors="replace")[:120]
    if status >= 400 and not is_envelope(body):
        trial.fail(f"{given.about} is answered with {status} outside the envelope of errors: {said}", shown)
    elif status == 0:
        trial.fail(f"{given.about} got no answer: {given.answer.crash[-200:]}", shown)
    elif status < 300 and given.answer.body and wrapped and not _is_wrapped(body):
        trial.fail(f"{given.about} is answered without data and meta: {said}", shown)
    if promised and given.wanted and status not in given.wanted:
        wanted = " or ".join(str(each) for each in given.wanted)
        trial.fail(f"{given.about} is answered with {status}, not {wanted}", shown)


def _is_wrapped(body: Any) -> bool:
    return isinstance(body, Mapping) and set(body) == {"data", "meta"} and isinstance(body["meta"], Mapping)


LAW = Law(
    id="law.envelope",
    claim="Every answer has the one shape: data and meta, or error with code, message and details.",
    applies="all operations, and what the framework answers itself: 404, 405, 415, 422",
    why="A client that reads error.code fails on the one error that the framework wrote.",
    source="wire contract v1; RFC 9457 has the same purpose with other names",
    check=check,
)
