"""``law.delete-effective``."""

from __future__ import annotations

from backend.exercise.laws.changes import body_of_update
from backend.exercise.laws.law import Law
from backend.exercise.laws.lists._walk import Listing, walk
from backend.exercise.laws.lists.search_sound import searched_by
from backend.exercise.laws.trial import Made, Trial, Untested
from backend.exercise.laws.writes._reads import places

GONE = (404, 410)


async def check(trial: Trial) -> None:
    """Delete a row, then look for it everywhere and try to read, change and delete it again."""
    for resource in trial.contract.resources:
        if resource.delete is None:
            continue
        async with trial.about(resource.delete):
            trial.spare(resource)
            made = await trial.make(resource)
            where = [place async for place in places(trial, made)]
            answer = await trial.act(resource.delete, made)
            if answer.status >= 300:
                raise Untested(f"deleting a fresh row is answered with {answer.status}")
            if resource.get is not None:
                status = (await trial.act(resource.get, made)).status
                trial.expect(status in GONE, f"the deleted row is read with {status}, not 404", last=2)
            for place in where:
                found = await place.find(trial, made.id)
                trial.expect(found is None, f"the deleted row is still in {place.label}", last=2)
                await _searched(trial, made, place.listing)
            if resource.update is not None:
                body = await body_of_update(trial, resource.update, made)
                status = (await trial.act(resource.update, made, body=body)).status
                trial.expect(status in GONE, f"the deleted row is changed with {status}, not 404", last=2)
            status = (await trial.act(resource.delete, made)).status
            trial.expect(status in GONE, f"deleting it a second time is {status}, not 404", last=2)


async def _searched(trial: Trial, made: Made, listing: Listing) -> None:
    name = searched_by(listing.operation)
    texts = [value for key, value in made.values.items() if isinstance(value, str) and not key.endswith(("id", "_at"))]
    if name and texts:
        walked = await walk(trial, listing, query={name: texts[0]})
        trial.expect(str(made.id) not in walked.ids, f"the deleted row is still found by {name}={texts[0]}", last=2)


LAW = Law(
    id="law.delete-effective",
    claim="A deleted row is gone: from its address, from every list and search, and a second delete is 404.",
    applies="resources whose rows can be deleted",
    why="Soft deletion that one query forgets shows people what was deleted.",
    source="wire contract v1; RFC 9110 section 9.3.5",
    check=check,
)
