"""``law.idempotent-replay``."""

from __future__ import annotations

from random import Random

from backend.exercise.calls import document, id_of, row
from backend.exercise.laws.law import Law
from backend.exercise.laws.repeats._keys import KEY, creates
from backend.exercise.laws.trial import Trial
from backend.exercise.values.strings import token


async def check(trial: Trial) -> None:
    """Send a create twice with one key, then the same key as somebody else."""
    random = Random(f"replay {trial.subject.seed}")
    for creating in creates(trial):
        async with trial.about(creating.operation):
            key = {KEY: token(random, 24)}
            path, body = await creating.request(trial)
            before = await creating.ids(trial)
            first = await trial.ask(creating.operation, creating.caller, path=path, headers=key, body=body)
            if not trial.expect(first.status == 201, f"a valid create with a key is answered with {first.status}"):
                continue
            again = await trial.ask(creating.operation, creating.caller, path=path, headers=key, body=body)
            same = again.status == first.status and document(again) == document(first)
            trial.expect(
                same,
                f"the same key and body got {again.status} and another answer than at first ({first.status})",
                last=2,
            )
            location = first.headers.get("location")
            trial.expect(again.headers.get("location") == location, "the replay has another Location", last=2)
            new = await creating.ids(trial) - before
            trial.expect(len(new) <= 1, f"two creates with one key made {len(new)} rows", last=3)
            other = creating.somebody_else(trial)
            if other is not None:
                foreign = await trial.ask(creating.operation, other, path=path, headers=key, body=body)
                resource, mine = creating.resource, id_of(creating.resource, row(first))
                leaked = foreign.status == 201 and id_of(resource, row(foreign)) == mine
                trial.expect(not leaked, f"{other.name} got the answer of {creating.caller.name} by its key", last=2)


LAW = Law(
    id="law.idempotent-replay",
    claim="A create sent again with its Idempotency-Key makes no second row and gets the first answer.",
    applies="creates that take an Idempotency-Key",
    why="Clients send again when they got no answer; without this an order is placed, and paid, twice.",
    source="draft-ietf-httpapi-idempotency-key-header, section 2; wire contract v1",
    check=check,
)
