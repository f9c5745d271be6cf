"""``law.sort-ordered``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from random import Random
from typing import Any

from backend.exercise.contract import Operation, Resource
from backend.exercise.laws.law import Law
from backend.exercise.laws.lists._walk import Listing, columns, listing, lists_of, pages_of, walk
from backend.exercise.laws.trial import Trial, Untested, writable
from backend.exercise.values.valid import NotMade, Values
from backend.exercise.world import WorldError

ROWS = 4
SMALL = 2
PAGES = 10
NAMES = ("sort", "order_by", "sort_by")


async def check(trial: Trial) -> None:
    """Sort each list by each field both ways, with rows that tie, and walk it in small pages."""
    for resource, operation in lists_of(trial):
        words = orders(trial, resource, operation)
        if words is None:
            continue
        if not words:
            trial.verdict.untested[operation.label] = "the contract does not say which fields it can be sorted by"
            continue
        try:
            here = await listing(trial, resource, operation, ROWS)
        except (Untested, WorldError) as reason:
            trial.verdict.untested[operation.label] = str(reason)
            continue
        for name, word in words:
            async with trial.about(f"{operation.label}?{name}={word}"):
                await _vary(trial, here, word.lstrip("-+"))
                await _tie(trial, here, word.lstrip("-+"))
                await _ordered(trial, here, name, word)


async def _ordered(trial: Trial, here: Listing, name: str, word: str) -> None:
    field, falling = word.lstrip("-+"), word.startswith("-")
    whole = await walk(trial, here, query={name: word})
    if field not in columns(trial, here.operation):
        raise Untested(f"the rows do not show {field}")
    values = [row.get(field) for row in whole.rows]
    trial.expect(ordered(values, falling), f"{name}={word} shows {field} as {_sample(values, falling)}")
    ways = pages_of(here.operation)
    if ways.limit is None:
        return
    again = await walk(trial, here, max(SMALL, len(whole.ids) // PAGES), query={name: word})
    if not again.complete:
        raise Untested("it has more pages than are walked; empty the database first")
    same = again.ids == whole.ids
    trial.expect(same, f"{name}={word} puts rows with equal {field} in another order from page to page", last=6)


async def _vary(trial: Trial, here: Listing, field: str) -> None:
    """Rows with different values, also of a field that ordinary bodies leave out."""
    create, first = here.resource.create, here.made[0]
    schema = writable(trial.contract, create).get(field) if create is not None else None
    if schema is None or field in trial.subject.world.references(here.resource):
        return
    random = Random(f"sort {trial.subject.seed} {here.operation.label} {field}")
    values = Values(trial.contract.schemas, random)
    shared = {name: value for name, value in here.path.items() if name in first.values}
    for _ in range(ROWS):
        try:
            body = trial.subject.world.fitted(here.resource, {field: values.value(schema, field)}, random)
            await trial.make(here.resource, first.maker, **{**shared, **body})
        except (NotMade, WorldError):
            return


async def _tie(trial: Trial, here: Listing, field: str) -> None:
    """Rows with the same value, where that is not forbidden."""
    create, first = here.resource.create, here.made[0]
    if create is None or field not in writable(trial.contract, create):
        return
    shared = {name: value for name, value in here.path.items() if name in first.values}
    for _ in range(ROWS):
        try:
            await trial.make(here.resource, first.maker, **{**shared, field: first.values.get(field)})
        except WorldError:
            return


def orders(trial: Trial, resource: Resource, operation: Operation) -> list[tuple[str, str]] | None:
    """The parameter with each of its values; ``None`` where the list cannot be sorted."""
    parameter = next((each for each in operation.of("query") if each.name in NAMES), None)
    if parameter is None:
        return None
    for part in (parameter.schema, *parameter.schema.get("anyOf", [])):
        if "enum" in part:
            return [(parameter.name, str(word)) for word in part["enum"]]
    wanted = trial.wanted(resource)
    fields = wanted.operations.list.sort if wanted is not None and wanted.operations.list else ()
    return [(parameter.name, sign + field) for field in fields for sign in ("", "-")]


def ordered(values: list[Any], falling: bool) -> bool:
    """Whether values are in order by any of the orders that databases have; nulls may be at either end."""
    known = [value for value in values if value is not None]
    if values[: len(known)] != known and values[-len(known) :] != known:
        return False
    return any(_sorted(known, key, falling) for key in (_number, _moment, _code, _letters, _folded))


def _sorted(values: list[Any], key: Callable[[Any], Any], falling: bool) -> bool:
    try:
        keys = [key(value) for value in values]
        return keys == sorted(keys, reverse=falling)
    except (TypeError, ValueError, InvalidOperation):
        return False


def _number(value: Any) -> Any:
    return Decimal(str(value)) if not isinstance(value, Mapping | list | bool) else value


def _moment(value: Any) -> Any:
    """Of moments that leave out a fraction of zero, the text with one would come first."""
    return datetime.fromisoformat(str(value))


def _code(value: Any) -> Any:
    return value


def _folded(value: Any) -> Any:
    return str(value).casefold()


def _letters(value: Any) -> Any:
    """As collations of natural languages do at first: punctuation aside."""
    return "".join(each for each in str(value).casefold() if each.isalnum())


def _sample(values: list[Any], falling: bool) -> str:
    for before, after in pairwise(values):
        if not ordered([before, after], falling):
            return f"{before!r} before {after!r}"
    return repr(values[:3])


LAW = Law(
    id="law.sort-ordered",
    claim="A sorted list is in the order asked for, and rows with equal values keep one order over all pages.",
    applies="lists that can be sorted",
    why="Without a unique tie-break the database may order equal rows anew for each page: some come twice, some never.",
    source="wire contract v1, lists; PostgreSQL documentation, 7.6 LIMIT and OFFSET",
    check=check,
)
