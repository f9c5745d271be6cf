"""``law.no-leak``."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from backend.exercise.calls import build
from backend.exercise.contract import Operation
from backend.exercise.exchange import Answer, Call, Exchange
from backend.exercise.fuzz.leaks import leak
from backend.exercise.laws.law import Law
from backend.exercise.laws.lists.search_sound import searched_by
from backend.exercise.laws.trial import Made, Trial, writable
from backend.exercise.laws.wire._kinds import every_kind

ODD = ("'", "\x00", "\ud800", "%s%n", "../../etc/passwd", "1e999", "9" * 400)
MOST_FIELDS = 4


async def check(trial: Trial) -> None:
    """Provoke errors of every kind: odd values everywhere, a duplicate, a cursor that is none."""
    async for given in every_kind(trial):
        async with trial.about(given.label):
            _judge(trial, given.call, given.answer, given.about)
    for resource in trial.contract.resources:
        if resource.create is not None:
            async with trial.about(resource.create):
                made = await trial.make(resource)
                await _bodies(trial, resource.create, made)
        if resource.list is not None and "{" not in resource.collection:
            async with trial.about(resource.list):
                await _queries(trial, resource.list)


async def _bodies(trial: Trial, operation: Operation, made: Made) -> None:
    """Each odd value in each of the first fields, and the body of a row that exists already."""
    call = await trial.request(made.resource, operation, made.maker)
    body = json.loads(call.body or b"{}")
    fields = [*writable(trial.contract, operation)]
    same = {name: made.values[name] for name in fields if made.values.get(name) is not None}
    tried: list[Any] = [{**body, **same}, [], None]
    odd: tuple[Any, ...] = (*ODD, 10**30, {}, [[]])
    tried += [{**body, name: value} for name in fields[:MOST_FIELDS] for value in odd]
    for each in tried:
        sent = replace(call, body=json.dumps(each).encode())
        _judge(trial, sent, await trial.send(sent), "an odd body")


async def _queries(trial: Trial, operation: Operation) -> None:
    names = [each.name for each in operation.of("query")] or [searched_by(operation) or "q"]
    for name in names:
        for value in ODD:
            call = build(operation, trial.caller, query={name: value})
            _judge(trial, call, await trial.send(call), f"{name}={value[:20]!r}")


def _judge(trial: Trial, call: Call, answer: Answer, about: str) -> None:
    if answer.status >= 400 or answer.status == 0:
        sent = f"{call.path} {unquote(call.path)} {call.body.decode(errors='replace')}"
        told = leak(answer.body.decode(errors="replace"), sent)
        if told:
            trial.fail(
                f"{about} is answered with {answer.status} that tells the inside: {told}", Exchange(call, answer)
            )


LAW = Law(
    id="law.no-leak",
    claim="No error tells a stack trace, a statement, a message of the database or a path of the server.",
    applies="all operations",
    why="What breaks and where is what an attacker needs to know next.",
    source="CWE-209; OWASP API8:2023 Security Misconfiguration",
    check=check,
)
