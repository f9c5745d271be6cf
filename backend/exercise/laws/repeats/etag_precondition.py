"""``law.etag-precondition``."""

from __future__ import annotations

from typing import Any

from backend.exercise.calls import NOTHING, build
from backend.exercise.contract import Operation, Resource
from backend.exercise.exchange import Answer
from backend.exercise.laws.changes import body_of_update, update
from backend.exercise.laws.law import Law
from backend.exercise.laws.trial import Made, Trial, Untested
from backend.exercise.laws.writes._reads import read

HEADER = "If-Match"


async def check(trial: Trial) -> None:
    """Change and delete a row by its old tag, by none and by the current one."""
    for resource in trial.contract.resources:
        for operation in (resource.update, resource.delete):
            if operation is not None and (
                _required(trial, resource, operation) or operation.parameter("header", HEADER)
            ):
                async with trial.about(operation):
                    await _conditions(trial, resource, operation)


async def _conditions(trial: Trial, resource: Resource, operation: Operation) -> None:
    if operation is resource.delete:
        trial.spare(resource)
    made = await trial.make(resource)
    if resource.get is None:
        raise Untested("its rows have no address to read their ETag at")
    old = (await trial.act(resource.get, made)).headers.get("etag", "")
    if not old:
        raise Untested("a row has no ETag")
    await update(trial, made)
    body = await body_of_update(trial, operation, made) if operation is resource.update else NOTHING
    before = await read(trial, made)
    stale = await _send(trial, operation, made, body, old)
    trial.expect(stale.status == 412, f"an old If-Match is answered with {stale.status}, not 412", last=2)
    if stale.status >= 400:
        await _unchanged(trial, made, before, "an old If-Match")
    if _required(trial, resource, operation):
        missing = await _send(trial, operation, made, body, None)
        trial.expect(missing.status == 428, f"no If-Match is answered with {missing.status}, not 428", last=1)
        if missing.status >= 400:
            await _unchanged(trial, made, before, "no If-Match")
    current = (await trial.act(resource.get, made)).headers.get("etag", "")
    answer = await _send(trial, operation, made, body, current)
    trial.expect(answer.status < 300, f"the current ETag as If-Match is answered with {answer.status}", last=2)


async def _send(trial: Trial, operation: Operation, made: Made, body: Any, tag: str | None) -> Answer:
    headers = {HEADER: tag} if tag is not None else {}
    for caller in (made.maker, trial.subject.callers.helper(made.maker)):
        answer = await trial.send(build(operation, caller, path=made.path, headers=headers, body=body))
        if answer.status not in (401, 403):
            return answer
    raise Untested("nobody at hand may do it")


async def _unchanged(trial: Trial, made: Made, before: dict[str, Any], what: str) -> None:
    get = made.resource.get
    assert get is not None
    answer = await trial.act(get, made)
    if not trial.expect(answer.status == 200, f"{what} was refused, but the row is gone ({answer.status})", last=2):
        raise Untested("the row is gone")
    trial.expect(await read(trial, made) == before, f"{what} was refused, but the row has changed", last=2)


def _required(trial: Trial, resource: Resource, operation: Operation) -> bool:
    wanted, parameter = trial.wanted(resource), operation.parameter("header", HEADER)
    return bool((wanted is not None and wanted.optimistic_locking) or (parameter is not None and parameter.required))


LAW = Law(
    id="law.etag-precondition",
    claim="A write by an old ETag is refused with 412 and changes nothing, one without any with 428 if it is due.",
    applies="updates and deletes that take If-Match",
    why="Two people edit at once, and the second overwrites what the first has saved, unseen by both.",
    source="RFC 9110 sections 13.1.1 and 15.5.13; RFC 6585 section 3",
    check=check,
)
