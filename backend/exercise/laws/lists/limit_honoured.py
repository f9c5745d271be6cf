"""``law.limit-honoured``."""

from __future__ import annotations

from backend.exercise.calls import rows
from backend.exercise.laws.law import Law
from backend.exercise.laws.lists._walk import LIMITS, Listing, Pages, listing, lists_of, pages_of, told
from backend.exercise.laws.trial import Trial, Untested

ROWS = 4
HUGE = 1_000_000
FAR = 1_000
REFUSED = (400, 422)


async def check(trial: Trial) -> None:
    """Ask for one row and for two, for more than there may be, and for a page past the end."""
    for resource, operation in lists_of(trial):
        async with trial.about(operation):
            ways = pages_of(operation)
            if ways.limit is None:
                raise Untested("the contract has no parameter for the number of rows")
            here = await listing(trial, resource, operation, ROWS)
            for limit in (1, 2):
                answer = await trial.ask(operation, here.reader, path=here.path, query={ways.limit.name: limit})
                shown = len(rows(answer))
                sound = answer.status == 200 and shown <= limit
                trial.expect(sound, f"{ways.limit.name}={limit} is answered with {answer.status} and {shown} rows")
            await _cap(trial, here, ways)
            await _past_the_end(trial, here, ways)


async def _cap(trial: Trial, here: Listing, ways: Pages) -> None:
    assert ways.limit is not None
    asked = ways.most + 1 if ways.most is not None else HUGE
    answer = await trial.ask(here.operation, here.reader, path=here.path, query={ways.limit.name: asked})
    most = ways.most if ways.most is not None else HUGE - 1
    used = told(answer, LIMITS)
    clamped = answer.status == 200 and len(rows(answer)) <= most and isinstance(used, int) and used <= most
    if answer.status == 200 and used is None:
        trial.verdict.untested[f"{here.operation.label} beyond the cap"] = (
            "the answer does not say which limit it used, and there are too few rows to see it"
        )
        return
    trial.expect(
        answer.status in REFUSED or clamped,
        f"{ways.limit.name}={asked} is beyond what may be asked for, and is answered with {answer.status}",
    )


async def _past_the_end(trial: Trial, here: Listing, ways: Pages) -> None:
    if ways.number is None or ways.limit is None:
        return
    query = {ways.limit.name: ways.most or 100, ways.number.name: FAR * (100 if ways.by_offset else 1)}
    answer = await trial.ask(here.operation, here.reader, path=here.path, query=query)
    sound = answer.status == 200 and not rows(answer)
    trial.expect(sound, f"a page past the end is answered with {answer.status} and {len(rows(answer))} rows")


LAW = Law(
    id="law.limit-honoured",
    claim="A page has at most the rows asked for, no more can be asked for than the cap, and past the end it is empty.",
    applies="lists with a parameter for the number of rows",
    why="Without a cap one request reads the whole table; an error past the end breaks clients that walk to the end.",
    source="wire contract v1, lists; OWASP API4:2023 Unrestricted Resource Consumption",
    check=check,
)
