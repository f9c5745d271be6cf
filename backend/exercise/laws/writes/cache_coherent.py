"""``law.cache-coherent``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from backend.exercise.callers import Caller
from backend.exercise.calls import row
from backend.exercise.contract import Operation, Resource
from backend.exercise.laws.changes import agrees, update
from backend.exercise.laws.law import Law
from backend.exercise.laws.lists._walk import Listing, columns, parent_field, walk
from backend.exercise.laws.trial import Made, Trial, Untested

MOST_READERS = 3


@dataclass(frozen=True)
class View:
    """One way to read a row, as one caller."""

    operation: Operation
    caller: Caller
    path: Mapping[str, Any]
    inside: str = ""
    """Of lists of other rows that have it embedded: under which key."""
    key: Any = None
    """Id of the row in the list; ``None`` for the row's own address."""
    resource: Resource | None = None

    @property
    def label(self) -> str:
        """For messages."""
        return f"{self.operation.label} as {self.caller.name}"

    async def look(self, trial: Trial) -> dict[str, Any] | None:
        """The row as it is shown here; ``None`` where it is not.

        Raises:
            Untested: the caller may not read here.
        """
        if self.key is None:
            answer = await trial.ask(self.operation, self.caller, path=self.path)
            return row(answer) if answer.status == 200 else None
        assert self.resource is not None
        walked = await walk(trial, Listing(self.operation, self.resource, self.path, self.caller))
        for found, values in zip(walked.ids, walked.rows, strict=True):
            if found == str(self.key):
                inner = values.get(self.inside) if self.inside else values
                return dict(inner) if isinstance(inner, Mapping) else None
        return None


async def check(trial: Trial) -> None:
    """Read everywhere as several callers, write, and read again: after a change, a deletion and a creation."""
    for resource in trial.contract.resources:
        operation = resource.update or resource.delete
        if operation is None:
            continue
        async with trial.about(operation):
            made = await trial.make(resource)
            views = [each for each in await _views(trial, made) if await _seen(trial, each)]
            if not views:
                raise Untested("nobody at hand may read it")
            if resource.update is not None:
                change, _ = await update(trial, made)
                for view in views:
                    shown = await view.look(trial)
                    stale = [
                        name
                        for name, value in change.items()
                        if shown is None or not agrees(value, shown.get(name, value))
                    ]
                    trial.expect(not stale, f"after the change {view.label} shows the old {', '.join(stale)}", last=2)
        if resource.delete is not None:
            async with trial.about(resource.delete):
                await _deleted(trial, resource)
        if resource.create is not None and "{" not in resource.collection:
            async with trial.about(resource.create):
                await _created(trial, resource)


async def _created(trial: Trial, resource: Resource) -> None:
    before = await trial.make(resource)
    views = [each for each in await _views(trial, before, embedded=False) if await _seen(trial, each)]
    shared = {name: before.values[name] for name in trial.subject.world.references(resource) if name in before.values}
    wanted = trial.wanted(resource)
    if wanted is not None and (wanted.owner == "self" or wanted.unique):
        raise Untested("a second row beside the first cannot be made")
    made = await trial.make(resource, before.maker, **shared)
    for view in views:
        if view.key is not None:
            now = replace(view, key=made.id)
            trial.expect(await now.look(trial) is not None, f"{view.label} does not show a row just made", last=2)


async def _deleted(trial: Trial, resource: Resource) -> None:
    trial.spare(resource)
    made = await trial.make(resource)
    views = [each for each in await _views(trial, made, embedded=False) if await _seen(trial, each)]
    assert resource.delete is not None
    answer = await trial.act(resource.delete, made)
    if answer.status >= 300:
        raise Untested(f"deleting a fresh row is answered with {answer.status}")
    for view in views:
        trial.expect(await view.look(trial) is None, f"after the deletion {view.label} still shows the row", last=2)


async def _seen(trial: Trial, view: View) -> bool:
    try:
        return await view.look(trial) is not None
    except Untested:
        return False


async def _views(trial: Trial, made: Made, *, embedded: bool = True) -> list[View]:
    """Every address and list, as every caller that may differ; lists that embed the row where ``embedded``."""
    resource, found = made.resource, []
    for caller in _readers(trial, made):
        if resource.get is not None:
            found.append(View(resource.get, caller, made.path))
        if resource.list is not None and "{" not in resource.collection:
            found.append(View(resource.list, caller, {}, key=made.id, resource=resource))
        for nested in resource.nested:
            parent = made.values.get(parent_field(trial, resource, nested.parent))
            if nested.list is not None and parent is not None:
                path = {nested.parameter: parent}
                found.append(View(nested.list, caller, path, key=made.id, resource=resource))
        if embedded:
            found += await _embedding(trial, made, caller) + await _linking(trial, made, caller)
    return found


async def _embedding(trial: Trial, made: Made, caller: Caller) -> list[View]:
    """Lists whose rows show the row whole, with one such row."""
    found = []
    for other in trial.contract.resources:
        for field, name in trial.subject.world.references(other).items():
            key = field.removesuffix("_id")
            if name == made.resource.name and other.list is not None and key in columns(trial, other.list):
                holder = await trial.make(other, made.maker, **{field: made.id})
                if holder.values.get(field) != made.id:
                    continue
                found.append(View(other.list, caller, {}, inside=key, key=holder.id, resource=other))
    return found


async def _linking(trial: Trial, made: Made, caller: Caller) -> list[View]:
    """Lists of links that show the row, linked from one other."""
    found = []
    for other in trial.contract.resources:
        for link in other.links:
            if link.other == made.resource.name and link.list is not None and link.link is not None:
                holder = await trial.make(other, made.maker)
                await trial.act(link.link, holder, path={link.other_parameter: made.id})
                path = {link.parameter: holder.id}
                found.append(View(link.list, caller, path, key=made.id, resource=made.resource))
    return found


def _readers(trial: Trial, made: Made) -> list[Caller]:
    names = [each for each in ("other", "anonymous", "admin") if each in trial.subject.callers]
    others = [trial.subject.callers[name] for name in names]
    return [made.maker, *(each for each in others if each.headers != made.maker.headers)][:MOST_READERS]


LAW = Law(
    id="law.cache-coherent",
    claim="Whoever reads after a write was answered sees it: at the address, in lists, embedded and linked.",
    applies="resources whose rows can be made, changed or deleted",
    why="A cache that one write path forgets shows the old row until it expires, to some callers and not to others.",
    source="wire contract v1, server caches are dropped when the resource is written",
    check=check,
)
