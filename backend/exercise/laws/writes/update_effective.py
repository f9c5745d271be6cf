"""``law.update-effective``."""

from __future__ import annotations

from backend.exercise.calls import row
from backend.exercise.laws.changes import agrees, new_values, whole
from backend.exercise.laws.law import Law
from backend.exercise.laws.trial import Made, Trial, Untested
from backend.exercise.laws.writes._reads import places, read

FIELDS = 5
"""Tried of each resource."""

SERVERS = ("updated_at", "version", "modified_at", "updatedAt", "modifiedAt", "etag", "revision")
"""Fields that any change may change."""


async def check(trial: Trial) -> None:
    """Change one field after the other and look at the answer, the address, the lists and all other fields."""
    for resource in trial.contract.resources:
        if resource.update is None:
            continue
        async with trial.about(resource.update):
            made = await trial.make(resource)
            changes = new_values(trial, resource.update, made.values)
            if not changes:
                raise Untested("a row shows no field that an update could change")
            for name, value in [*changes.items()][:FIELDS]:
                made = await _change(trial, made, name, value)


async def _change(trial: Trial, made: Made, name: str, value: object) -> Made:
    operation = made.resource.update
    assert operation is not None
    body = whole(trial, operation, made.values, {name: value})
    answer = await trial.act(operation, made, body=body)
    if answer.status >= 300:
        raise Untested(f"a valid change of {name} is answered with {answer.status}")
    shown = row(answer)
    if shown:
        trial.expect(
            agrees(value, shown.get(name)), f"{name} was set to {value!r} and the answer shows {shown.get(name)!r}"
        )
    if made.resource.get is None:
        return made
    stored = await read(trial, made)
    sound = agrees(value, stored.get(name))
    trial.expect(sound, f"{name} was set to {value!r} and reading shows {stored.get(name)!r}", last=2)
    others = [key for key in made.values if key not in (name, *SERVERS) and stored.get(key) != made.values[key]]
    trial.expect(not others, f"changing {name} changed {', '.join(others)} as well", last=2)
    async for place in places(trial, made):
        found = await place.find(trial, made.id)
        if found is not None and name in found:
            sound = agrees(value, found[name])
            trial.expect(sound, f"{name} was set to {value!r} and {place.label} shows {found[name]!r}", last=3)
    return Made(stored, made.maker, made.resource)


LAW = Law(
    id="law.update-effective",
    claim="A change is what every later read shows, and it changes no other field.",
    applies="resources whose rows can be changed",
    why="A 200 that stored nothing, or a partial update that empties other fields, loses what people wrote.",
    source="RFC 9110 section 9.3.4; RFC 5789 (PATCH)",
    check=check,
)
