"""``law.location-resolves``."""

from __future__ import annotations

from urllib.parse import urlsplit

from backend.exercise.calls import id_of, row
from backend.exercise.exchange import Call
from backend.exercise.laws.law import Law
from backend.exercise.laws.trial import Trial, Untested


async def check(trial: Trial) -> None:
    """Create a row through each create and follow the Location."""
    for resource in trial.contract.resources:
        for operation in (resource.create, *(each.create for each in resource.nested)):
            if operation is None:
                continue
            async with trial.about(operation):
                made = await trial.make(resource)
                wanted = trial.wanted(resource)
                if wanted is not None and wanted.owner == "self":
                    raise Untested("a caller has one such row, and has it already")
                answer = await trial.send(await trial.request(resource, operation, made.maker))
                if answer.status != 201:
                    raise Untested(f"a valid create is answered with {answer.status}")
                place = answer.headers.get("location", "")
                if not trial.expect(bool(place), "201 has no Location"):
                    continue
                parts = urlsplit(place)
                path = parts.path + (f"?{parts.query}" if parts.query else "")
                if not path.startswith("/"):
                    path = operation.path.rpartition("/")[0] + "/" + path
                found = await trial.send(Call("GET", path, made.maker.headers))
                same = found.status == 200 and id_of(resource, row(found)) == id_of(resource, row(answer))
                trial.expect(same, f"the Location {place} is answered with {found.status} or another row", last=2)


LAW = Law(
    id="law.location-resolves",
    claim="The Location of a 201 is the address of the new row.",
    applies="creates",
    why="Clients follow it to what they just made.",
    source="RFC 9110 sections 10.2.2 and 15.3.2",
    check=check,
)
