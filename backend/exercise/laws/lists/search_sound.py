"""``law.search-sound``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backend.exercise.contract import Operation, Resource
from backend.exercise.laws.law import Law
from backend.exercise.laws.lists._walk import Listing, Walk, listing, lists_of, walk
from backend.exercise.laws.trial import Trial, Untested

ROWS = 4
NAMES = ("q", "search", "query")
PIECE = 4
"""Characters of a value that are searched for."""

WILD = ("%", "_", "\\")


async def check(trial: Trial) -> None:
    """Search each list for a piece of a value in the other case, and for what LIKE takes for wildcards."""
    for resource, operation in lists_of(trial):
        name = searched_by(operation)
        if not name:
            continue
        async with trial.about(f"{operation.label}?{name}="):
            here = await listing(trial, resource, operation, ROWS)
            whole = await walk(trial, here)
            if not whole.complete:
                raise Untested("it has more pages than are walked; empty the database first")
            fields = _fields(trial, resource, whole.rows[0])
            made = next(row for row in whole.rows if str(row.get("id")) in {str(each.id) for each in here.made})
            tried = False
            for field in fields:
                text = made.get(field)
                if isinstance(text, str) and len(text) >= PIECE and text.isascii():
                    tried = True
                    await _search(trial, here, name, text[1 : 1 + PIECE].swapcase(), fields, whole)
            if not tried:
                raise Untested("no row has a text long enough to search for a piece of it")
            for piece in WILD:
                await _search(trial, here, name, piece, fields, whole)


async def _search(trial: Trial, here: Listing, name: str, piece: str, fields: list[str], whole: Walk) -> None:
    walked = await walk(trial, here, query={name: piece})
    wanted = {key for key, row in zip(whole.ids, whole.rows, strict=True) if _has(row, fields, piece)}
    wrong, lost = set(walked.ids) - wanted, wanted - set(walked.ids)
    trial.expect(not wrong, f"{name}={piece!r} shows {len(wrong)} rows that have it in none of {', '.join(fields)}")
    if trial.wanted(here.resource) is not None:
        trial.expect(not lost, f"{name}={piece!r} misses {len(lost)} rows that have it in {', '.join(fields)}")


def _has(row: Mapping[str, Any], fields: list[str], piece: str) -> bool:
    return any(piece.casefold() in str(row[field]).casefold() for field in fields if row.get(field) is not None)


def _fields(trial: Trial, resource: Resource, row: Mapping[str, Any]) -> list[str]:
    """Those that are searched: the blueprint says which, else any text may be."""
    wanted = trial.wanted(resource)
    if wanted is not None and wanted.operations.list is not None:
        return [field for field in wanted.operations.list.search if field in row]
    return [name for name, value in row.items() if isinstance(value, str)]


def searched_by(operation: Operation) -> str:
    """The parameter that is searched with; empty where there is none."""
    return next((each.name for each in operation.of("query") if each.name in NAMES), "")


LAW = Law(
    id="law.search-sound",
    claim="A search shows exactly the rows whose searched fields contain the text, in any case and wildcards as text.",
    applies="lists with a search parameter",
    why="An unescaped % matches everything: the search then shows what it should not, as slowly as it can.",
    source="wire contract v1, lists; PostgreSQL documentation, 9.7.1 LIKE",
    check=check,
)
