"""``law.page-partition``."""

from __future__ import annotations

from collections import Counter

from backend.exercise.laws.law import Law
from backend.exercise.laws.lists._walk import listing, lists_of, pages_of, walk
from backend.exercise.laws.trial import Trial, Untested

ROWS = 7
PAGES = 5
"""That the walk takes, at the least."""


async def check(trial: Trial) -> None:
    """Walk each list in small pages and in as few as possible."""
    for resource, operation in lists_of(trial):
        async with trial.about(operation):
            ways = pages_of(operation)
            if ways.limit is None or (ways.number is None and ways.cursor is None):
                raise Untested("the contract has no parameters to walk it with")
            here = await listing(trial, resource, operation, ROWS)
            whole = await walk(trial, here)
            small = max(1, min(len(whole.ids) // PAGES, ways.most or len(whole.ids)))
            walked = await walk(trial, here, small)
            if not walked.complete or not whole.complete:
                raise Untested("it has more pages than are walked; empty the database first")
            twice = [key for key, count in Counter(walked.ids).items() if count > 1]
            trial.expect(not twice, f"walking pages of {small} shows {len(twice)} rows twice, as {twice[:1]}", last=6)
            lost = sorted(set(whole.ids) - set(walked.ids))
            trial.expect(not lost, f"walking pages of {small} misses {len(lost)} rows, as {lost[:1]}", last=6)
            own = [each for each in here.made if each.maker is here.reader]  # others may be meant to be hidden
            absent = [each.id for each in own if str(each.id) not in whole.ids]
            trial.expect(not absent, f"{len(absent)} rows that were made are on no page, as {absent[:1]}", last=2)
            if walked.total is not None:
                count = len(set(whole.ids))
                trial.expect(walked.total == count, f"the total is {walked.total}, but there are {count} rows")


LAW = Law(
    id="law.page-partition",
    claim="Walking all pages of a list shows every row exactly once, and the total is their number.",
    applies="lists with parameters for pages",
    why="A client that walks the list to copy or add up the rows gets some twice and others never.",
    source="wire contract v1, lists; Postgres documentation, 7.6: without a unique ORDER BY pages are not consistent",
    check=check,
)
