"""Races: requests that are under way at the same time, and what must be true afterwards.

Each race is a law, so :func:`backend.exercise.laws.run_laws` holds them against a backend like any other.
"""

from __future__ import annotations

from random import Random
from typing import Any

from backend.exercise.callers import Caller
from backend.exercise.calls import build, id_of, row
from backend.exercise.contract import Link, Operation, Resource
from backend.exercise.exchange import Answer, Call
from backend.exercise.laws.changes import agrees, new_values, whole
from backend.exercise.laws.law import Law
from backend.exercise.laws.lists._walk import Listing, walk
from backend.exercise.laws.repeats._keys import KEY, creates
from backend.exercise.laws.trial import Made, Trial, Untested
from backend.exercise.laws.writes._reads import read
from backend.exercise.values.strings import token
from backend.exercise.world import WorldError

ROUNDS = 3
AT_ONCE = 4
DONE = (200, 201, 204)
MATCH = "If-Match"


def all_races() -> tuple[Law, ...]:
    """Every race."""
    return (LOST_UPDATE, DOUBLE_SUBMIT, UNIQUE, ORPHAN, LINK)


async def lost_update(trial: Trial) -> None:
    """Several changes of one version at once; without versions, changes of different fields at once."""
    for resource in trial.contract.resources:
        operation = resource.update
        if operation is None or resource.get is None:
            continue
        async with trial.about(operation):
            locking = operation.parameter("header", MATCH) is not None or _locks(trial, resource)
            for _ in range(ROUNDS):
                made = await trial.make(resource)
                if locking:
                    await _one_wins(trial, operation, made)
                else:
                    await _both_survive(trial, operation, made)


async def _one_wins(trial: Trial, operation: Operation, made: Made) -> None:
    writer = await _writer(trial, operation, made)
    assert made.resource.get is not None
    current = await trial.ask(made.resource.get, writer, path=made.path)
    tag = current.headers.get("etag", "")
    if not tag:
        raise Untested("a row has no ETag")
    bodies = [_change(trial, operation, row(current), number) for number in range(AT_ONCE)]
    calls = [build(operation, writer, path=made.path, headers={MATCH: tag}, body=body) for body in bodies]
    answers = await trial.together(calls)
    won = [place for place, answer in enumerate(answers) if answer.status == 200]
    statuses = sorted(answer.status for answer in answers)
    sound = len(won) == 1 and all(status in (200, 412) for status in statuses)
    told = f"{AT_ONCE} changes by one ETag at once are answered {statuses}, not one 200 and the others 412"
    if trial.expect(sound, told, last=AT_ONCE):
        stored, body = await read(trial, made), bodies[won[0]]
        kept = all(agrees(value, stored.get(name)) for name, value in body.items() if name in stored)
        trial.expect(kept, "the row does not show the change that was answered with 200", last=AT_ONCE + 1)


async def _both_survive(trial: Trial, operation: Operation, made: Made) -> None:
    changes = new_values(trial, operation, made.values)
    if len(changes) < 2 or operation.method != "PATCH":
        raise Untested("it is no PATCH of rows with two fields that can be changed")
    writer = await _writer(trial, operation, made)
    fields = [*changes.items()][:AT_ONCE]
    calls = [build(operation, writer, path=made.path, body={name: value}) for name, value in fields]
    answers = await trial.together(calls)
    worst = max(answer.status or 599 for answer in answers)
    trial.expect(worst < 500, f"changes of different fields at once are answered with {worst}", last=len(calls))
    stored = await read(trial, made)
    done = zip(fields, answers, strict=True)
    lost = [name for (name, value), answer in done if answer.status == 200 and not agrees(value, stored.get(name))]
    trial.expect(not lost, f"the change of {', '.join(lost)} was answered with 200 and is lost", last=len(calls) + 1)


async def double_submit(trial: Trial) -> None:
    """One create several times at once with one key."""
    random = Random(f"submit {trial.subject.seed}")
    for creating in creates(trial):
        async with trial.about(creating.operation):
            for _ in range(ROUNDS):
                path, body = await creating.request(trial)
                before, headers = await creating.ids(trial), {KEY: token(random, 24)}
                call = build(creating.operation, creating.caller, path=path, headers=headers, body=body)
                answers = await trial.together([call] * AT_ONCE)
                statuses = sorted(answer.status for answer in answers)
                made = {id_of(creating.resource, row(each)) for each in answers if each.status == 201}
                sound = len(made) == 1 and all(status in (201, 409) for status in statuses)
                told = f"{AT_ONCE} creates with one key at once are answered {statuses} with {len(made)} rows"
                trial.expect(sound, told, last=AT_ONCE)
                new = await creating.ids(trial) - before
                trial.expect(len(new) <= 1, f"{AT_ONCE} creates with one key at once made {len(new)} rows", last=5)


async def unique(trial: Trial) -> None:
    """The same values twice at once, where one after the other is a conflict."""
    for resource in trial.contract.resources:
        create, wanted = resource.create, trial.wanted(resource)
        if create is None or (wanted is not None and wanted.owner == "self"):
            continue
        made = await _try_make(trial, resource)
        if made is None or not await _conflicts(trial, resource, create, made.maker):
            continue
        async with trial.about(create):
            for _ in range(ROUNDS):
                call = await trial.request(resource, create, made.maker)
                answers = await trial.together([_keyed(trial, create, call) for _ in range(AT_ONCE)])
                statuses = sorted(answer.status for answer in answers)
                sound = statuses == [201] + [409] * (AT_ONCE - 1)
                told = f"{AT_ONCE} creates with the same unique value at once are answered {statuses}"
                trial.expect(sound, f"{told}, not one 201 and the others 409", last=AT_ONCE)


async def _try_make(trial: Trial, resource: Resource) -> Made | None:
    try:
        return await trial.make(resource)
    except WorldError as error:
        trial.verdict.untested[resource.collection] = str(error)
        return None


async def _conflicts(trial: Trial, resource: Resource, create: Operation, caller: Caller) -> bool:
    call = await trial.request(resource, create, caller)
    first = await trial.send(call)
    second = await trial.send(_keyed(trial, create, call))
    return first.status == 201 and second.status == 409


def _keyed(trial: Trial, create: Operation, call: Call) -> Call:
    """With a key of its own, so that it is no repetition."""
    return Call(call.method, call.path, {**call.headers, **trial.subject.world.headers(create)}, call.body)


async def orphan(trial: Trial) -> None:
    """A row is made for a parent while the parent is deleted."""
    for resource in trial.contract.resources:
        for field, name in trial.subject.world.references(resource).items():
            parent = trial.contract.resource(name)
            if resource.create is None or resource.get is None or parent.delete is None or parent.get is None:
                continue
            async with trial.about(f"{resource.create.label} while its {field} goes"):
                trial.spare(parent)
                if not trial.settable(resource, field):
                    raise Untested(f"{field} is set from the caller")
                for number in range(ROUNDS * 2):
                    await _orphan(trial, resource, field, parent, deleting_first=bool(number % 2))


async def _orphan(trial: Trial, resource: Resource, field: str, parent: Resource, *, deleting_first: bool) -> None:
    above = await trial.make(parent)
    assert resource.create is not None and parent.delete is not None and resource.get is not None
    maker, deleter = await _maker(trial, resource, above, field), trial.subject.callers.helper(above.maker)
    create = await trial.request(resource, resource.create, maker, **{field: above.id})
    headers = trial.subject.world.headers(parent.delete)
    delete = build(parent.delete, deleter, path=above.path, headers=headers)
    answers = await trial.together([delete, create] if deleting_first else [create, delete])
    made, gone = (answers[1], answers[0]) if deleting_first else (answers[0], answers[1])
    statuses = f"{made.status} and {gone.status}"
    trial.expect(_calm(answers), f"making a row while its {field} is deleted is answered {statuses}", last=2)
    if made.status != 201 or gone.status >= 300:
        return
    child = Made(row(made), maker, resource)
    found = await trial.act(resource.get, child)
    kept = found.status == 200 and row(found).get(field) == above.id
    told = f"the row was made ({made.status}) and its {field} deleted ({gone.status}): it points to nothing"
    trial.expect(not kept, told, last=3)


async def _maker(trial: Trial, resource: Resource, above: Made, field: str) -> Caller:
    """Who may make a row for this kind of parent; found on another parent, which stays."""
    other = await trial.make(above.resource, above.maker)
    return (await trial.make(resource, **{field: other.id})).maker


async def link(trial: Trial) -> None:
    """One link several times at once, then linking and unlinking at once."""
    for resource in trial.contract.resources:
        for each in resource.links:
            if each.link is not None and each.list is not None:
                async with trial.about(each.link):
                    for _ in range(ROUNDS):
                        await _link(trial, resource, each)


async def _link(trial: Trial, resource: Resource, each: Link) -> None:
    made, other = await trial.make(resource), trial.contract.resource(each.other)
    far = await trial.make(other)
    path = {**made.path, each.other_parameter: far.id}
    assert each.link is not None and each.list is not None
    put = build(each.link, made.maker, path=path)
    answers = await trial.together([put] * AT_ONCE)
    statuses = sorted(answer.status for answer in answers)
    trial.expect(all(status in DONE for status in statuses), f"one link at once is answered {statuses}", last=AT_ONCE)
    shown = await walk(trial, Listing(each.list, other, {each.parameter: made.id}, made.maker))
    trial.expect(shown.ids == [str(far.id)], f"{AT_ONCE} links at once show as {len(shown.ids)}", last=AT_ONCE + 1)
    if each.unlink is not None:
        remove = build(each.unlink, made.maker, path=path)
        answers = await trial.together([put, remove, put, remove])
        statuses = sorted(answer.status for answer in answers)
        trial.expect(_calm(answers), f"linking and unlinking at once is answered {statuses}", last=AT_ONCE)
        shown = await walk(trial, Listing(each.list, other, {each.parameter: made.id}, made.maker))
        trial.expect(len(shown.ids) <= 1, f"linking and unlinking at once left {len(shown.ids)} links", last=5)


async def _writer(trial: Trial, operation: Operation, made: Made) -> Caller:
    """Who may change the row; found by a change that changes one field.

    Raises:
        Untested: nobody at hand.
    """
    helper = trial.subject.callers.helper(made.maker)
    for caller in (made.maker, helper):
        body = _change(trial, operation, made.values, 0)
        answer = await trial.ask(operation, caller, path=made.path, body=body)
        if answer.status < 300:
            return caller
    raise Untested("nobody at hand may change it")


def _change(trial: Trial, operation: Operation, values: Any, number: int) -> dict[str, Any]:
    """One field's new value; another for each number."""
    for _ in range(number + 1):
        found = new_values(trial, operation, values)
        if not found:
            raise Untested("a row shows no field that an update could change")
        name = next(iter(found))
        values = {**values, name: found[name]}
    return whole(trial, operation, values, {name: found[name]})


def _locks(trial: Trial, resource: Resource) -> bool:
    wanted = trial.wanted(resource)
    return wanted is not None and wanted.optimistic_locking


def _calm(answers: list[Answer]) -> bool:
    return all(0 < answer.status < 500 for answer in answers)


LOST_UPDATE = Law(
    id="race.lost-update",
    claim="Of changes at the same time none is lost: one by each ETag is done, and those of different fields survive.",
    applies="resources whose rows can be changed",
    why="Read, change and write back in the program overwrites what another request wrote in between.",
    source="RFC 9110 section 13.1.1; CWE-362",
    check=lost_update,
)
DOUBLE_SUBMIT = Law(
    id="race.double-submit",
    claim="Creates with one Idempotency-Key at the same time make one row.",
    applies="creates that take an Idempotency-Key",
    why="A double click, or a proxy that sends again, arrives while the first is under way.",
    source="draft-ietf-httpapi-idempotency-key-header, section 2.6",
    check=double_submit,
)
UNIQUE = Law(
    id="race.unique",
    claim="Of creates with the same unique value at the same time one is done and the others are 409, never 500.",
    applies="resources with values that are unique",
    why="Looking first and inserting then lets both through, or fails with the database's own error.",
    source="CWE-367; wire contract v1, 409 CONFLICT",
    check=unique,
)
ORPHAN = Law(
    id="race.orphan",
    claim="No row is made for a parent that is deleted at the same time.",
    applies="resources that refer to others which can be deleted",
    why="The check that the parent is there is over when the parent goes.",
    source="CWE-367; wire contract v1, references",
    check=orphan,
)
LINK = Law(
    id="race.link",
    claim="A link made several times at the same time is one link, and no request fails.",
    applies="relations that rows are linked by with PUT",
    why="Looking for the link first and inserting then fails for all but one of them.",
    source="RFC 9110 section 9.2.2",
    check=link,
)
