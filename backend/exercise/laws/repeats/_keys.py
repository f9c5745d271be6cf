"""Creates that take an ``Idempotency-Key``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from backend.exercise.callers import Caller
from backend.exercise.calls import NOTHING
from backend.exercise.contract import Operation, Resource
from backend.exercise.laws.lists._walk import Listing, walk
from backend.exercise.laws.trial import Trial, Untested

KEY = "Idempotency-Key"


@dataclass
class Creating:
    """One create, with who may."""

    operation: Operation
    resource: Resource
    caller: Caller

    async def request(self, trial: Trial) -> tuple[dict[str, Any], Any]:
        """Path values and a valid body: as the everyday caller, else as who holds every role.

        Raises:
            Untested: the resource is the caller's own self, of which there is one.
            WorldError: a row it refers to could not be made.
        """
        wanted = trial.wanted(self.resource)
        if wanted is not None and wanted.owner == "self":
            raise Untested("a caller has one such row, and has it already")
        made = await trial.make(self.resource)
        self.caller = made.maker
        call = await trial.request(self.resource, self.operation, self.caller)
        return _path(self.operation, call.path), json.loads(call.body) if call.body else NOTHING

    async def ids(self, trial: Trial) -> set[str]:
        """The rows of the resource that there are; empty where it has no list to walk."""
        if self.resource.list is None or "{" in self.resource.collection:
            return set()
        reader = await trial.reader(self.resource.list)
        walked = await walk(trial, Listing(self.resource.list, self.resource, {}, reader))
        return set(walked.ids)

    def somebody_else(self, trial: Trial) -> Caller | None:
        """Another caller of the same rights, where there is one."""
        for name in ("other", "admin", "owner"):
            if name in trial.subject.callers and name != self.caller.name:
                found = trial.subject.callers[name]
                if found.headers != self.caller.headers:
                    return found
        return None


def creates(trial: Trial) -> Iterator[Creating]:
    """Every create that takes a key."""
    for resource in trial.contract.resources:
        for operation in (resource.create, *(each.create for each in resource.nested)):
            if operation is not None and operation.parameter("header", KEY) is not None:
                yield Creating(operation, resource, trial.caller)


def _path(operation: Operation, address: str) -> dict[str, Any]:
    """The path's values, read back from a request."""
    pairs = zip(operation.path.split("/"), address.split("/"), strict=True)
    return {name.strip("{}"): value for name, value in pairs if name.startswith("{")}
