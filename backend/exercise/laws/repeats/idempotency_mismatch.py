"""``law.idempotency-mismatch``."""

from __future__ import annotations

from random import Random
from typing import Any

from backend.exercise.calls import build
from backend.exercise.laws.law import Law
from backend.exercise.laws.repeats._keys import KEY, Creating, creates
from backend.exercise.laws.trial import Trial, Untested
from backend.exercise.values.strings import token


async def check(trial: Trial) -> None:
    """Use a key for two bodies; leave it out where it is required."""
    random = Random(f"mismatch {trial.subject.seed}")
    for creating in creates(trial):
        async with trial.about(creating.operation):
            path, body = await creating.request(trial)
            _, other = await creating.request(trial)
            if body == other:
                raise Untested("no two different bodies could be made")
            before, key = await creating.ids(trial), {KEY: token(random, 24)}
            first = await trial.ask(creating.operation, creating.caller, path=path, headers=key, body=body)
            if first.status != 201:
                raise Untested(f"a valid create with a key is answered with {first.status}")
            second = await trial.ask(creating.operation, creating.caller, path=path, headers=key, body=other)
            sound = second.status == 422
            trial.expect(sound, f"the key of another body is answered with {second.status}, not 422", last=2)
            new = await creating.ids(trial) - before
            trial.expect(len(new) <= 1, f"two bodies with one key made {len(new)} rows", last=3)
            await _missing(trial, creating, path, other)


async def _missing(trial: Trial, creating: Creating, path: dict[str, Any], body: Any) -> None:
    parameter = creating.operation.parameter("header", KEY)
    if parameter is None or not parameter.required:
        return
    answer = await trial.send(build(creating.operation, creating.caller, path=path, body=body))
    trial.expect(answer.status == 400, f"without the key it demands it answers {answer.status}, not 400")


LAW = Law(
    id="law.idempotency-mismatch",
    claim="A key that was used for another body is refused with 422, and a missing one that is required with 400.",
    applies="creates that take an Idempotency-Key",
    why="A client that reuses a key by mistake would take the old answer for that to its new request.",
    source="draft-ietf-httpapi-idempotency-key-header, section 2.7; wire contract v1",
    check=check,
)
