"""Everywhere a row can be read: by its address, in lists, within its parents, embedded and linked."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

from backend.exercise.calls import row
from backend.exercise.contract import Operation
from backend.exercise.laws.lists._walk import Listing, parent_field, walk
from backend.exercise.laws.trial import Made, Trial, Untested


@dataclass(frozen=True)
class Place:
    """A list that a row belongs in."""

    listing: Listing

    @property
    def label(self) -> str:
        """Of the operation."""
        return self.listing.operation.label

    async def find(self, trial: Trial, key: Any) -> dict[str, Any] | None:
        """The row as the list shows it, ``None`` where it is not in it."""
        walked = await walk(trial, self.listing)
        for found, values in zip(walked.ids, walked.rows, strict=True):
            if found == str(key):
                return values
        if not walked.complete:
            raise Untested(f"{self.label} has more pages than are walked; empty the database first")
        return None


async def places(trial: Trial, made: Made) -> AsyncIterator[Place]:
    """The lists that a row belongs in and that somebody at hand may read."""
    resource = made.resource
    if resource.list is not None:
        path = {name: value for name, value in made.path.items() if "{" + name + "}" in resource.collection}
        reader = await _reader(trial, resource.list, path, made)
        if reader is not None:
            yield Place(Listing(resource.list, resource, path, reader))
    for nested in resource.nested:
        key = made.values.get(parent_field(trial, resource, nested.parent))
        if nested.list is None or key is None:
            continue
        path = {nested.parameter: key}
        reader = await _reader(trial, nested.list, path, made)
        if reader is not None:
            yield Place(Listing(nested.list, resource, path, reader))


async def _reader(trial: Trial, operation: Operation, path: Mapping[str, Any], made: Made) -> Any:
    for caller in (made.maker, trial.subject.callers.helper(made.maker)):
        if (await trial.ask(operation, caller, path=path)).status == 200:
            return caller
    return None


async def read(trial: Trial, made: Made) -> dict[str, Any]:
    """The row by its address.

    Raises:
        Untested: it has none, or it is refused.
    """
    if made.resource.get is None:
        raise Untested("its rows have no address to read them at")
    answer = await trial.act(made.resource.get, made)
    if answer.status != 200:
        raise Untested(f"reading the row is answered with {answer.status}")
    return row(answer)
