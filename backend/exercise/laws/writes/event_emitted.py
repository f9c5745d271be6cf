"""``law.event-emitted``."""

from __future__ import annotations

import re

from backend.exercise.contract import Operation
from backend.exercise.exchange import Answer
from backend.exercise.laws.changes import body_of_update
from backend.exercise.laws.law import Law
from backend.exercise.laws.trial import Made, Trial, Untested

OUTBOX = re.compile(r'^\s*INSERT\s+INTO\s+(?:\w+\.)?["`]?outbox_events\b', re.IGNORECASE)


async def check(trial: Trial) -> None:
    """Create, change and delete a row, and look for the event among the statements of each request."""
    blueprint = trial.subject.blueprint
    if blueprint is None:
        return
    if not trial.subject.target.observes_sql:
        raise Untested("the statements of a backend behind a network cannot be seen")
    for resource in trial.contract.resources:
        wanted = trial.wanted(resource)
        events = wanted.events if wanted is not None else ()
        if not events or wanted is None:
            continue
        made = await trial.make(resource)
        if "created" in events and resource.create is not None and wanted.owner != "self":
            async with trial.about(resource.create):
                answer = await trial.send(await trial.request(resource, resource.create, made.maker))
                _look(trial, answer, "created")
        if "updated" in events and resource.update is not None:
            async with trial.about(resource.update):
                body = await body_of_update(trial, resource.update, made)
                _look(trial, await trial.act(resource.update, made, body=body), "updated")
        if "deleted" in events and resource.delete is not None:
            async with trial.about(resource.delete):
                trial.spare(resource)
                await _deleted(trial, resource.delete, made)


async def _deleted(trial: Trial, operation: Operation, made: Made) -> None:
    _look(trial, await trial.act(operation, made), "deleted")
    again = await trial.act(operation, made)
    told = any(OUTBOX.match(each) for each in again.statements)
    trial.expect(not (told and again.status >= 400), "a delete that was refused wrote an event")


def _look(trial: Trial, answer: Answer, what: str) -> None:
    if answer.status >= 300:
        raise Untested(f"the request is answered with {answer.status}")
    told = any(OUTBOX.match(each) for each in answer.statements)
    trial.expect(told, f"no event {what!r} was written to the outbox with the change")


LAW = Law(
    id="law.event-emitted",
    claim="Every change that the blueprint asks an event for writes one to the outbox in the same request.",
    applies="resources with events in the blueprint, where statements can be seen",
    why="Whoever listens for events never learns of the change.",
    source="wire contract v1, events; the pattern 'transactional outbox'",
    check=check,
)
