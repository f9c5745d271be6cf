"""``law.method-safe``."""

from __future__ import annotations

from backend.exercise.calls import rows
from backend.exercise.contract import Operation, Resource
from backend.exercise.exchange import Call
from backend.exercise.laws.law import Law
from backend.exercise.laws.lists._walk import listing, lists_of, pages_of, walk
from backend.exercise.laws.trial import Trial, Untested
from backend.exercise.world import WorldError

TIMES = 2


async def check(trial: Trial) -> None:
    """Read rows and lists, then compare the lists with what they were before."""
    for resource, operation in lists_of(trial, nested=False):
        try:
            here = await listing(trial, resource, operation, 1)
        except (Untested, WorldError) as reason:
            trial.verdict.untested[operation.label] = str(reason)
            continue
        for reading in _readings(resource):
            async with trial.about(reading):
                before = await walk(trial, here)
                for _ in range(TIMES):
                    status = (await trial.act(reading, here.made[0])).status
                    if status != 200:
                        raise Untested(f"reading it is answered with {status}")
                    address = here.made[0].path[resource.id_parameter] if resource.item else ""
                    path = resource.item.replace("{" + resource.id_parameter + "}", str(address))
                    if "{" not in path:
                        await trial.send(Call("HEAD", path, here.reader.headers))
                after = await walk(trial, here)
                trial.expect(
                    before.rows == after.rows,
                    f"after reading a row the list differs: {_differs(before.rows, after.rows)}",
                    last=5,
                )
        async with trial.about(operation):
            before = await walk(trial, here)
            query = {ways.name: 1} if (ways := pages_of(operation).limit) else None
            answers = [await trial.ask(operation, here.reader, path=here.path, query=query) for _ in range(TIMES)]
            same = rows(answers[0]) == rows(answers[1])
            after = await walk(trial, here)
            trial.expect(same and before.rows == after.rows, "reading the list changes what it shows", last=4)


def _readings(resource: Resource) -> list[Operation]:
    return [resource.get] if resource.get is not None and "{" not in resource.collection else []


def _differs(before: list[dict[str, object]], after: list[dict[str, object]]) -> str:
    for old, new in zip(before, after, strict=False):
        names = [name for name in old if old[name] != new.get(name)]
        if names:
            return ", ".join(names)
    return f"{len(before)} rows, then {len(after)}"


LAW = Law(
    id="law.method-safe",
    claim="Reading changes nothing that can be read.",
    applies="GET and HEAD of rows and lists",
    why="Caches, crawlers and clients that try again read as often as they like.",
    source="RFC 9110 section 9.2.1",
    check=check,
)
