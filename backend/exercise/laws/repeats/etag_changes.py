"""``law.etag-changes``."""

from __future__ import annotations

from backend.exercise.calls import document
from backend.exercise.exchange import Answer
from backend.exercise.laws.changes import update
from backend.exercise.laws.law import Law
from backend.exercise.laws.repeats._tagged import tagged
from backend.exercise.laws.trial import Trial, Untested

READS = 2


async def check(trial: Trial) -> None:
    """Read twice, change the row, read again: any two answers have one tag if they are equal, and only then."""
    async for read in tagged(trial):
        async with trial.about(read.operation):
            seen = [await read.again(trial) for _ in range(READS)]
            try:
                await update(trial, read.made)
                seen.append(await read.again(trial))
            except Untested:
                if read.made.resource.delete is None or "{" in read.operation.path:
                    raise
                await trial.make(read.made.resource)
                seen.append(await read.again(trial))
            for number, first in enumerate(seen):
                for second in seen[number + 1 :]:
                    _compare(trial, first, second)


def _compare(trial: Trial, first: Answer, second: Answer) -> None:
    same_tag = first.headers.get("etag") == second.headers.get("etag")
    same = document(first) == document(second)
    tag = first.headers.get("etag")
    trial.expect(same or not same_tag, f"two different answers have the ETag {tag}", last=4)
    trial.expect(
        same_tag or not same, f"two equal answers have the ETags {tag} and {second.headers.get('etag')}", last=2
    )


LAW = Law(
    id="law.etag-changes",
    claim="The ETag changes if, and only if, what is shown changes.",
    applies="reads whose answers have an ETag",
    why="A tag that stays hides a change from every client that asks by it.",
    source="RFC 9110 section 8.8.1",
    check=check,
)
