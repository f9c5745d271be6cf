"""What a process leaves behind that is killed in the middle of a write.

The check is a law, so :func:`backend.exercise.laws.run_laws` holds it against a backend like any other.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from backend.exercise.calls import NOTHING, build, id_of, row
from backend.exercise.contract import Operation, Resource
from backend.exercise.exchange import Answer, Call, Exchange
from backend.exercise.laws.changes import body_of_update
from backend.exercise.laws.law import Law
from backend.exercise.laws.lists._walk import Listing, walk
from backend.exercise.laws.trial import Made, Trial, Untested

OUTBOX = r'\s*INSERT\s+INTO\s+(?:\w+\.)?["`]?outbox_events\b'
Kill = Callable[[Call, str], Awaitable[Answer | None]]


def all_crashes() -> tuple[Law, ...]:
    """Every law of this kind."""
    return (EVENT_LOST,)


async def event_lost(trial: Trial) -> None:
    """Kill the process when it is about to write an event, and see that the change is not there either."""
    kill: Kill | None = getattr(trial.subject.target, "killed", None)
    blueprint = trial.subject.blueprint
    if blueprint is None:
        return
    if kill is None:
        raise Untested("a backend that somebody else runs is not killed")
    for resource in trial.contract.resources:
        wanted = trial.wanted(resource)
        events = wanted.events if wanted is not None else ()
        if "created" in events and resource.create is not None:
            async with trial.about(resource.create):
                await _created(trial, kill, resource, resource.create)
        for name, operation in (("updated", resource.update), ("deleted", resource.delete)):
            if name in events and operation is not None:
                async with trial.about(operation):
                    await _changed(trial, kill, resource, operation)


async def _created(trial: Trial, kill: Kill, resource: Resource, create: Operation) -> None:
    made = await trial.make(resource)
    call = await trial.subject.world.request(create, made.maker)
    before = await _ids(trial, resource, made)
    killed = await _killed(trial, kill, call)
    after = await _ids(trial, resource, made)
    if str(made.id) not in after:
        raise Untested("its rows do not survive a restart")
    stray = after - before
    told = "killed before it wrote the event, it left the new row behind: nobody is ever told of it"
    if stray:
        trial.fail(told, killed, trial.last)
    again = await trial.send(call)
    sound = again.status == 201 and str(id_of(resource, row(again))) not in before
    trial.expect(sound, f"the same request after the restart is answered with {again.status}, not 201")


async def _changed(trial: Trial, kill: Kill, resource: Resource, operation: Operation) -> None:
    if resource.get is None:
        raise Untested("its rows cannot be read")
    made = await trial.make(resource)
    caller = trial.subject.callers.helper(made.maker)
    body = await body_of_update(trial, operation, made) if operation is resource.update else NOTHING
    before = await trial.ask(resource.get, caller, path=made.path)
    headers = trial.subject.world.headers(operation)
    killed = await _killed(trial, kill, build(operation, caller, path=made.path, headers=headers, body=body))
    after = await trial.ask(resource.get, caller, path=made.path)
    what = "changed" if operation is resource.update else "deleted"
    same = (after.status, row(after)) == (before.status, row(before))
    if not same:
        told = f"killed before it wrote the event, it had {what} the row: nobody is ever told of it"
        trial.fail(told, killed, trial.last)


async def _ids(trial: Trial, resource: Resource, made: Made) -> set[str]:
    """The rows that the maker sees."""
    if resource.list is None or "{" in resource.collection:
        raise Untested("its rows cannot be listed")
    walked = await walk(trial, Listing(resource.list, resource, {}, made.maker))
    if not walked.complete:
        raise Untested("the list has more pages than are walked; empty the database first")
    return set(walked.ids)


async def _killed(trial: Trial, kill: Kill, call: Call) -> Exchange:
    """Send the request and have the process killed at its event; both as evidence.

    Raises:
        Untested: it wrote none.
    """
    trial.count(1)
    answer = await kill(call, OUTBOX)
    if answer is not None:
        raise Untested(f"the request is answered with {answer.status} and writes no event")
    return Exchange(call, Answer(0, crash="killed before it wrote the event"))


EVENT_LOST = Law(
    id="crash.event-lost",
    claim="A change and its event are written together: a process that is killed between them leaves neither.",
    applies="resources with events in the blueprint, on a database that outlives the process",
    why="Events that are written after the commit are lost with every crash and every deployment.",
    source="the pattern 'transactional outbox'",
    check=event_lost,
)
