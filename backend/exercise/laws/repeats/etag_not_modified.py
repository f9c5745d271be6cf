"""``law.etag-not-modified``."""

from __future__ import annotations

from backend.exercise.laws.law import Law
from backend.exercise.laws.repeats._tagged import tagged
from backend.exercise.laws.trial import Trial

OTHER = '"another-representation"'


async def check(trial: Trial) -> None:
    """Ask with the tag, with it among others, weakly, with ``*`` and with another."""
    async for read in tagged(trial):
        async with trial.about(read.operation):
            tag = (await read.again(trial)).headers["etag"]
            for sent in (tag, f"{OTHER}, {tag}", f"W/{tag.removeprefix('W/')}", "*"):
                answer = await read.again(trial, If_None_Match=sent)
                told = f"If-None-Match: {sent}" if sent == "*" else f"If-None-Match with its ETag ({sent})"
                if trial.expect(answer.status == 304, f"{told} is answered with {answer.status}, not 304"):
                    trial.expect(not answer.body, f"304 has a body of {len(answer.body)} bytes")
                    trial.expect(answer.headers.get("etag") == tag, "304 has not the ETag of the 200")
            answer = await read.again(trial, If_None_Match=OTHER)
            sound = answer.status == 200
            trial.expect(sound, f"If-None-Match with another tag is answered with {answer.status}, not 200")


LAW = Law(
    id="law.etag-not-modified",
    claim="A read whose If-None-Match has the current ETag is answered with 304 and no body, any other with 200.",
    applies="reads whose answers have an ETag",
    why="A tag that never matches saves nothing; one that matches too easily shows old data for ever.",
    source="RFC 9110 sections 13.1.2 and 15.4.5",
    check=check,
)
