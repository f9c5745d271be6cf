"""One answer of every kind a backend gives, from good ones to each refusal."""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

from backend.exercise.calls import build
from backend.exercise.contract import Operation, Resource
from backend.exercise.exchange import Answer, Call
from backend.exercise.laws.trial import Made, Trial
from backend.exercise.world import WorldError

NOWHERE = "/no-such-path-of-this-backend"
METHODS = ("PATCH", "PUT", "DELETE", "POST", "GET")


@dataclass(frozen=True)
class Given:
    """An answer, and what was asked."""

    about: str
    """As in ``a body that is not JSON``."""
    operation: Operation | None
    call: Call
    answer: Answer
    wanted: tuple[int, ...] = ()
    """What the wire contract promises; empty for whatever."""

    @property
    def label(self) -> str:
        """Of the operation, or the request itself."""
        return self.operation.label if self.operation is not None else f"{self.call.method} {self.call.path}"


async def every_kind(trial: Trial) -> AsyncIterator[Given]:
    """For each resource: its good answers and its refusals; and a path that is not there."""
    call = Call("GET", NOWHERE, trial.caller.headers)
    yield Given("a path that is not there", None, call, await trial.send(call), (404,))
    for resource in trial.contract.resources:
        try:
            made = await trial.make(resource)
        except WorldError as error:
            trial.verdict.untested[resource.collection] = str(error)
            continue
        async for given in _of(trial, resource, made):
            yield given


async def _of(trial: Trial, resource: Resource, made: Made) -> AsyncIterator[Given]:
    for about, operation, call, wanted in _calls(trial, resource, made):
        yield Given(about, operation, call, await trial.send(call), wanted)
    if resource.create is not None:
        body = await trial.request(resource, resource.create, made.maker)
        broken = replace(body, body=b'{"broken": ')
        yield Given("a body that is not JSON", resource.create, broken, await trial.send(broken), (400,))
        text = replace(body, headers={**body.headers, "content-type": "text/plain"})
        yield Given("a body that is called text/plain", resource.create, text, await trial.send(text), (415,))
        extra = json.dumps({**json.loads(body.body or b"{}"), "no_such_field": 1}).encode()
        call = replace(body, body=extra)
        yield Given("a body with an unknown field", resource.create, call, await trial.send(call), (422,))
        first = await trial.send(body)
        yield Given("a create", resource.create, body, first)
        if resource.create.needs_auth:
            call = replace(body, headers=_without(body.headers))
            yield Given("a create without a token", resource.create, call, await trial.send(call), (401,))


def _calls(trial: Trial, resource: Resource, made: Made) -> list[tuple[str, Operation | None, Call, tuple[int, ...]]]:
    found: list[tuple[str, Operation | None, Call, tuple[int, ...]]] = []
    caller = made.maker
    if resource.list is not None:
        path = {name: value for name, value in made.path.items() if "{" + name + "}" in resource.collection}
        found.append(("the list", resource.list, build(resource.list, caller, path=path), ()))
        odd = build(resource.list, caller, path=path, query={"limit": "many"})
        found.append(("a list with limit=many", resource.list, odd, (422,)))
        method = next((each for each in METHODS if each not in trial.contract.methods(resource.collection)), "")
        if method:
            bare = replace(odd, method=method, path=odd.path.partition("?")[0])
            found.append((f"{method}, which is not offered,", None, bare, (405,)))
    if resource.get is not None:
        found.append(("a row", resource.get, build(resource.get, caller, path=made.path), ()))
        unknown = {**made.path, resource.id_parameter: _unknown(trial, made)}
        found.append(("a row that is not there", resource.get, build(resource.get, caller, path=unknown), (404,)))
        odd = build(resource.get, caller, path={**made.path, resource.id_parameter: "no id"})
        found.append(("a row by what is no id", resource.get, odd, (404, 422)))
    return found


def _unknown(trial: Trial, made: Made) -> str:
    """An id of the same shape that no row has."""
    return "999999999" if isinstance(made.id, int) else str(uuid.UUID(int=trial.subject.seed, version=4))


def _without(headers: object) -> dict[str, str]:
    assert isinstance(headers, dict)
    return {name: value for name, value in headers.items() if name.lower() != "authorization"}
