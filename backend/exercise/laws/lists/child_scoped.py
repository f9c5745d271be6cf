"""``law.child-scoped``."""

from __future__ import annotations

import uuid

from backend.exercise.laws.law import Law
from backend.exercise.laws.lists._walk import listing, parent_field, walk
from backend.exercise.laws.trial import Trial


async def check(trial: Trial) -> None:
    """Two parents with a row each; each list has its own; a parent that is not there has none."""
    for resource in trial.contract.resources:
        for nested in resource.nested:
            if nested.list is None:
                continue
            async with trial.about(nested.list):
                one = await listing(trial, resource, nested.list, 1)
                field = parent_field(trial, resource, nested.parent)
                other = await trial.make(trial.contract.resource(nested.parent), one.made[0].maker)
                far = await trial.make(resource, one.made[0].maker, **{field: other.id})
                walked = await walk(trial, one)
                trial.expect(str(one.made[0].id) in walked.ids, "a parent's list lacks the parent's own row", last=2)
                trial.expect(str(far.id) not in walked.ids, "a parent's list shows a row of another parent", last=2)
                unknown = str(uuid.UUID(int=trial.subject.seed, version=4))
                answer = await trial.ask(nested.list, one.reader, path={nested.parameter: unknown})
                trial.expect(
                    answer.status == 404, f"the list of a parent that is not there is {answer.status}, not 404"
                )


LAW = Law(
    id="law.child-scoped",
    claim="A list within a parent has that parent's rows alone, and within a parent that is not there it is 404.",
    applies="lists within a parent, as /users/{user_id}/posts",
    why="A forgotten condition shows everybody's rows under one parent's address.",
    source="wire contract v1, nested collections; OWASP API1:2023 Broken Object Level Authorization",
    check=check,
)
