"""``law.link-effective``."""

from __future__ import annotations

import uuid

from backend.exercise.contract import Link, Resource
from backend.exercise.laws.law import Law
from backend.exercise.laws.lists._walk import Listing, walk
from backend.exercise.laws.trial import Made, Trial, Untested

DONE = (200, 201, 204)


async def check(trial: Trial) -> None:
    """Link twice, look, unlink twice, look, and link to a row that is not there."""
    for resource in trial.contract.resources:
        for link in resource.links:
            if link.link is not None:
                async with trial.about(link.link):
                    await _link(trial, resource, link)


async def _link(trial: Trial, resource: Resource, link: Link) -> None:
    assert link.link is not None
    made, other = await trial.make(resource), trial.contract.resource(link.other)
    far, near = await trial.make(other), await trial.make(other)
    for each in (far, far, near):  # the second time for the same is no fault and no second link
        answer = await trial.act(link.link, made, path={link.other_parameter: each.id})
        if not trial.expect(answer.status in DONE, f"linking is answered with {answer.status}", last=2):
            return
    await _shown(trial, made, link, other, [str(far.id), str(near.id)], "after linking two rows, one of them twice,")
    unknown = str(uuid.UUID(int=trial.subject.seed, version=4))
    status = (await trial.act(link.link, made, path={link.other_parameter: unknown})).status
    trial.expect(status in (404, 422), f"linking to a row that is not there is answered with {status}")
    if link.unlink is None:
        return
    status = (await trial.act(link.unlink, made, path={link.other_parameter: far.id})).status
    trial.expect(status in DONE, f"unlinking is answered with {status}")
    await _shown(trial, made, link, other, [str(near.id)], "after unlinking one of two rows")
    status = (await trial.act(link.unlink, made, path={link.other_parameter: far.id})).status
    trial.expect(status in (*DONE, 404), f"unlinking again is answered with {status}")


async def _shown(trial: Trial, made: Made, link: Link, other: Resource, wanted: list[str], when: str) -> None:
    if link.list is None:
        raise Untested("the links cannot be listed")
    path = {link.parameter: made.id}
    walked = await walk(trial, Listing(link.list, other, path, made.maker))
    sound = sorted(walked.ids) == sorted(wanted)
    trial.expect(sound, f"{when} the list shows {len(walked.ids)} rows instead of the {len(wanted)} linked", last=3)


LAW = Law(
    id="law.link-effective",
    claim="A link shows once in the list of links however often it is made, and is gone once it is removed.",
    applies="relations that rows are linked by with PUT and DELETE",
    why="PUT and DELETE are sent again after a lost answer; neither may fail or count twice then.",
    source="RFC 9110 section 9.2.2 (idempotent methods); wire contract v1, many-to-many",
    check=check,
)
