"""``law.mass-assignment``."""

from __future__ import annotations

import json
import uuid
from typing import Any

from backend.exercise.callers import Caller
from backend.exercise.calls import row
from backend.exercise.contract import Operation, Resource
from backend.exercise.exchange import Call
from backend.exercise.laws.changes import body_of_update
from backend.exercise.laws.law import Law
from backend.exercise.laws.trial import Made, Trial, Untested, writable

FIXED = ("id", "owner_id", "tenant_id", "version", "created_at", "updated_at", "deleted_at")
PRIVILEGES = ("is_admin", "role", "roles")
MOST = 14
"""Fields tried of each operation."""

LONG_AGO = "2001-02-03T04:05:06Z"
LARGE = 987_654


async def check(trial: Trial) -> None:
    """Send what the server alone sets, one field at a time, with a create and with an update."""
    for resource in trial.contract.resources:
        for operation in (resource.create, *(each.create for each in resource.nested)):
            if operation is not None and operation.body is not None:
                async with trial.about(operation):
                    await _create(trial, resource, operation)
        if resource.update is not None and resource.update.body is not None:
            async with trial.about(resource.update):
                await _update(trial, resource, resource.update)


async def _create(trial: Trial, resource: Resource, operation: Operation) -> None:
    made, wanted = await trial.make(resource), trial.wanted(resource)
    if wanted is not None and wanted.owner == "self":
        raise Untested("a caller has one such row, and has it already")
    for name, value in forbidden(trial, operation, made).items():
        call = await trial.request(resource, operation, made.maker)
        answer = await trial.send(_with(call, {name: value}))
        if answer.status < 300:
            shown = row(answer).get(name)
            trial.expect(not _same(shown, value), f"{name} in the body of a create was taken over: {shown!r}")
            if name == "tenant_id":
                await _still_mine(trial, Made(row(answer), made.maker, resource))
        else:
            trial.expect(answer.status < 500, f"{name} in the body of a create is answered with {answer.status}")


async def _update(trial: Trial, resource: Resource, operation: Operation) -> None:
    made = await trial.make(resource)
    for name, value in forbidden(trial, operation, made).items():
        body = {**await body_of_update(trial, operation, made), name: value}
        answer = await trial.act(operation, made, body=body)
        shown = row(answer).get(name) if answer.status < 300 else None
        trial.expect(not _same(shown, value), f"{name} in the body of an update was taken over: {shown!r}")
        trial.expect(answer.status < 500, f"{name} in the body of an update is answered with {answer.status}")
        if name == "id" and resource.get is not None:
            status = (await trial.act(resource.get, made)).status
            trial.expect(status == 200, f"after an update with another id the row is {status} at its address", last=2)
        if answer.status < 300:  # what was taken over may keep the next from being tried
            made = await trial.make(resource)


async def _still_mine(trial: Trial, made: Made) -> None:
    if made.resource.get is not None:
        status = (await trial.act(made.resource.get, made)).status
        trial.expect(status == 200, f"a create with another tenant_id made a row that its maker reads with {status}")


def forbidden(trial: Trial, operation: Operation, made: Made) -> dict[str, Any]:
    """What the server alone sets: fields the rows show and no body takes, and the usual hidden ones; with a value."""
    taken = _meant(trial, operation, made)
    names = [*FIXED, *(name for name in made.values if name not in FIXED), *PRIVILEGES]
    found = {}
    for name in [*dict.fromkeys(names)][: MOST + len(made.values)]:
        shown = made.values.get(name)
        if name in taken or isinstance(shown, dict | list):
            continue
        found[name] = _other(trial.subject.callers.known.get("other"), name, shown)
    return dict([*found.items()][:MOST])


def _meant(trial: Trial, operation: Operation, made: Made) -> set[str]:
    """Fields that a body may set: those the contract names, as far as the blueprint means them to be."""
    taken = set(writable(trial.contract, operation))
    wanted = trial.wanted(made.resource)
    if wanted is None:
        return taken
    changing = operation is made.resource.update
    fields = {name for name, spec in wanted.fields.items() if not (spec.read_only or (changing and spec.immutable))}
    relations = {
        f"{name}_id"
        for name, relation in wanted.belongs_to.items()
        if name != wanted.owner and not (changing and relation.immutable)
    }
    return taken & (fields | relations)


def _other(other: Caller | None, name: str, shown: Any) -> Any:
    """A plausible value that is not the present one."""
    if name == "owner_id" and other is not None and other.subject:
        return other.subject
    if name in PRIVILEGES:
        return {"is_admin": True, "role": "admin", "roles": ["admin"]}[name]
    if name.endswith("_at"):
        return LONG_AGO
    if isinstance(shown, bool):
        return not shown
    if isinstance(shown, int) or name == "version":
        return LARGE
    return str(uuid.UUID(int=LARGE, version=4)) if name.endswith("id") or shown is None else "taken over"


def _same(shown: Any, sent: Any) -> bool:
    if isinstance(shown, str) and isinstance(sent, str) and sent == LONG_AGO:
        return shown.startswith(LONG_AGO[:10])
    return bool(shown == sent) and type(shown) is type(sent)


def _with(call: Call, extra: dict[str, Any]) -> Call:
    body = {**(json.loads(call.body) if call.body else {}), **extra}
    return Call(call.method, call.path, call.headers, json.dumps(body).encode())


LAW = Law(
    id="law.mass-assignment",
    claim="What the server alone sets is refused in a body, or ignored.",
    applies="creates and updates",
    why="Who can write owner_id, tenant_id or role into a body takes rows over, or makes himself an administrator.",
    source="OWASP API3:2023 Broken Object Property Level Authorization; CWE-915",
    check=check,
)
