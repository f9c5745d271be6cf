"""``law.child-scoped``."""

from __future__ import annotations

import uuid

from backend.exercise.laws.law import Law
from backend.exercise.laws.lists._walk import listing, parent_field, walk
from backend.exercise.laws.trial import Made, Trial, Untested


async def check(trial: Trial) -> None:
    """Two parents with a row each; each list has its own; a parent that is not there has none."""
    for resource in trial.contract.resources:
        for nested in resource.nested:
            if nested.list is None:
                continue
            async with trial.about(nested.list):
                one = await listing(trial, resource, nested.list, 1)
                field = parent_field(trial, resource, nested.parent)
                far = await _elsewhere(trial, one.made[0], nested.parent, field)
                walked = await walk(trial, one)
                trial.expect(str(one.made[0].id) in walked.ids, "a parent's list lacks the parent's own row", last=2)
                trial.expect(str(far.id) not in walked.ids, "a parent's list shows a row of another parent", last=2)
                unknown = str(uuid.UUID(int=trial.subject.seed, version=4))
                answer = await trial.ask(nested.list, one.reader, path={nested.parameter: unknown})
                trial.expect(
                    answer.status == 404, f"the list of a parent that is not there is {answer.status}, not 404"
                )


async def _elsewhere(trial: Trial, near: Made, parent: str, field: str) -> Made:
    """A row of another parent: of a new one, or of another caller's own where the caller says whose it is."""
    if trial.settable(near.resource, field):
        other = await trial.make(trial.contract.resource(parent), near.maker)
        return await trial.make(near.resource, near.maker, **{field: other.id})
    if "other" not in trial.subject.callers:
        raise Untested("the parent is set from the caller, and there is no other caller")
    far = await trial.make(near.resource, trial.subject.callers["other"])
    if far.values.get(field) == near.values.get(field):
        raise Untested("no row of another parent could be made")
    return far


LAW = Law(
    id="law.child-scoped",
    claim="A list within a parent has that parent's rows alone, and within a parent that is not there it is 404.",
    applies="lists within a parent, as /users/{user_id}/posts",
    why="A forgotten condition shows everybody's rows under one parent's address.",
    source="wire contract v1, nested collections; OWASP API1:2023 Broken Object Level Authorization",
    check=check,
)
