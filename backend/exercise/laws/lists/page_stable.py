"""``law.page-stable``."""

from __future__ import annotations

from collections import Counter

from backend.exercise.laws.law import Law
from backend.exercise.laws.lists._walk import Listing, Walk, listing, lists_of, pages_of, walk
from backend.exercise.laws.trial import Made, Trial, Untested

ROWS = 8
SMALL = 2
PAGES = 10
INSERTED = 2


async def check(trial: Trial) -> None:
    """After the first page insert two rows, and delete one that was shown and one that was not yet."""
    for resource, operation in lists_of(trial):
        if pages_of(operation).cursor is None:
            continue
        async with trial.about(operation):
            here = await listing(trial, resource, operation, ROWS)
            before = await walk(trial, here)
            gone: list[str] = []

            async def disturb(first: Walk, here: Listing = here, gone: list[str] = gone) -> None:
                for _ in range(INSERTED):  # one more than is deleted of those shown, lest the two even out
                    await _insert(trial, here)
                gone += await _delete(trial, here, first)

            walked = await walk(trial, here, max(SMALL, len(before.ids) // PAGES), between=disturb)
            if not walked.complete:
                raise Untested("it has more pages than are walked; empty the database first")
            lasting = [key for key in before.ids if key not in gone]
            counts = Counter(walked.ids)
            twice = [key for key in counts if counts[key] > 1]
            lost = [key for key in lasting if not counts[key]]
            told = f"with {INSERTED} rows inserted and {len(gone)} deleted after the first page, the walk"
            trial.expect(not twice, f"{told} shows {len(twice)} rows twice, as {twice[:1]}", last=6)
            trial.expect(
                not lost, f"{told} misses {len(lost)} rows that were there all the time, as {lost[:1]}", last=6
            )


async def _insert(trial: Trial, here: Listing) -> None:
    shared = {name: value for name, value in here.path.items() if name in here.made[0].values}
    await trial.make(here.resource, here.made[0].maker, **shared)


async def _delete(trial: Trial, here: Listing, first: Walk) -> list[str]:
    operation = here.resource.delete
    if operation is None:
        return []
    seen = next((each for each in here.made if str(each.id) in first.ids), None)
    unseen = next((each for each in here.made if str(each.id) not in first.ids), None)
    gone = []
    for made in (seen, unseen):
        if isinstance(made, Made) and (await trial.act(operation, made)).status < 300:
            gone.append(str(made.id))
    return gone


LAW = Law(
    id="law.page-stable",
    claim="A walk by cursor shows every row that exists throughout exactly once, whatever is inserted and deleted.",
    applies="lists that are walked by cursor",
    why="Rows come and go while a client walks; with offsets it then misses rows or sees them twice.",
    source="wire contract v1, lists; use-the-index-luke.com, 'no offset'",
    check=check,
)
