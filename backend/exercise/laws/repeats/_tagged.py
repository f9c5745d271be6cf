"""Reads whose answers carry an ETag."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

from backend.exercise.callers import Caller
from backend.exercise.contract import Operation
from backend.exercise.exchange import Answer
from backend.exercise.laws.lists._walk import listing, lists_of
from backend.exercise.laws.trial import Made, Trial, Untested
from backend.exercise.world import WorldError


@dataclass(frozen=True)
class Read:
    """A read of one address as one caller."""

    operation: Operation
    caller: Caller
    path: Mapping[str, Any]
    made: Made
    """A row that is read, or that is in the list."""

    async def again(self, trial: Trial, **headers: str) -> Answer:
        """Send it."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await trial.ask(self.operation, self.caller, path=self.path, headers=named)


async def tagged(trial: Trial) -> AsyncIterator[Read]:
    """Every read of a row or list; those without an ETag are noted as untested."""
    async for read in _reads(trial):
        answer = await read.again(trial)
        if answer.status == 200 and answer.headers.get("etag"):
            yield read
        else:
            reason = "its answer has no ETag" if answer.status == 200 else f"reading is answered with {answer.status}"
            trial.verdict.untested[read.operation.label] = reason


async def _reads(trial: Trial) -> AsyncIterator[Read]:
    for resource in trial.contract.resources:
        if resource.get is not None:
            try:
                made = await trial.make(resource)
            except WorldError as error:
                trial.verdict.untested[resource.get.label] = str(error)
                continue
            yield Read(resource.get, made.maker, made.path, made)
    for resource, operation in lists_of(trial):
        try:
            here = await listing(trial, resource, operation, 1)
        except (Untested, WorldError) as reason:
            trial.verdict.untested[operation.label] = str(reason)
            continue
        yield Read(operation, here.reader, here.path, here.made[0])
