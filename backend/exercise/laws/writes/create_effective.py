"""``law.create-effective``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from random import Random
from typing import Any

from backend.exercise.calls import row
from backend.exercise.contract import Operation, Resource
from backend.exercise.laws.changes import agrees
from backend.exercise.laws.law import Law
from backend.exercise.laws.trial import Made, Trial, Untested, writable
from backend.exercise.laws.writes._reads import read
from backend.exercise.schemas import Schema
from backend.exercise.values.valid import NotMade, Values

TRIES = 4
ELSEWHERE = "2031-05-06T01:30:00.250000+05:30"
"""A moment that is another day in UTC."""


async def check(trial: Trial) -> None:
    """Create rows with bounds, rare values and times of other zones, then without what has a default."""
    for resource in trial.contract.resources:
        create = resource.create
        if create is None or create.body is None:
            continue
        async with trial.about(create):
            wanted = trial.wanted(resource)
            if wanted is not None and wanted.owner == "self":
                raise Untested("a caller has one such row, and has it already")
            made = await trial.make(resource)
            done = [await _values(trial, resource, create, made, number) for number in range(TRIES)]
            if not any(done):
                raise Untested("no valid body of rare values was taken")
            await _defaults(trial, resource, create, made)


async def _values(trial: Trial, resource: Resource, create: Operation, made: Made, number: int) -> bool:
    """Whether the row was made."""
    random = Random(f"create {trial.subject.seed} {create.label} {number}")
    body = await _body(trial, resource, create, made, random)
    answer = await trial.ask(create, made.maker, path=made.path, body=body)
    trial.expect(0 < answer.status < 500, f"a body of rare values is answered with {answer.status}")
    if answer.status != 201:
        return False
    _compare(trial, body, row(answer), "the answer shows")
    if resource.get is not None:
        stored = await read(trial, Made(row(answer), made.maker, resource))
        _compare(trial, body, stored, "reading it shows")
    return True


async def _body(trial: Trial, resource: Resource, create: Operation, made: Made, random: Random) -> dict[str, Any]:
    call = await trial.request(resource, create, made.maker)
    usual: dict[str, Any] = json.loads(call.body)
    try:
        rare = Values(trial.contract.schemas, random).value(create.body or {}, "body")
    except NotMade:
        rare = {}
    if not isinstance(rare, dict):
        raise Untested("it takes no object")
    references = trial.subject.world.references(resource)
    body = {name: value for name, value in {**usual, **rare}.items() if name not in references}
    body |= {name: value for name, value in usual.items() if name in references}
    body |= {name: ELSEWHERE for name, schema in writable(trial.contract, create).items() if _is_moment(schema)}
    return trial.subject.world.fitted(resource, body, random)


def _is_moment(schema: Schema) -> bool:
    return any(part.get("format") == "date-time" for part in (schema, *schema.get("anyOf", ())))


def _compare(trial: Trial, body: Mapping[str, Any], shown: Mapping[str, Any], where: str) -> None:
    for name, value in body.items():
        if name in shown:
            sound = agrees(value, shown[name])
            trial.expect(sound, f"{name} was sent as {value!r} and {where} {shown[name]!r}")


async def _defaults(trial: Trial, resource: Resource, create: Operation, made: Made) -> None:
    expected = defaults(trial, resource, create)
    if not expected:
        return
    call = await trial.request(resource, create, made.maker)
    body = {name: value for name, value in json.loads(call.body).items() if name not in expected}
    answer = await trial.ask(create, made.maker, path=made.path, body=body)
    if answer.status != 201:
        return
    for name, value in expected.items():
        shown = row(answer).get(name, value)
        trial.expect(agrees(value, shown), f"{name} was left out; its default is {value!r} and it became {shown!r}")


def defaults(trial: Trial, resource: Resource, create: Operation) -> dict[str, Any]:
    """What fields of a create become that are left out: as the blueprint says, else the contract."""
    taken = writable(trial.contract, create)
    wanted = trial.wanted(resource)
    if wanted is not None:
        said = {name: spec.default for name, spec in wanted.fields.items()}
    else:
        said = {name: schema.get("default") for name, schema in taken.items()}
    return {name: value for name, value in said.items() if value is not None and name in taken}


LAW = Law(
    id="law.create-effective",
    claim="A new row is what was sent, to the last digit and the same moment, and has the defaults of what was not.",
    applies="creates",
    why="Rounded prices, times moved by a zone and lost defaults are noticed when it is too late to ask again.",
    source="wire contract v1, values",
    check=check,
)
