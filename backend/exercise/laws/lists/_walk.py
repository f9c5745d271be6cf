"""Walking a list page by page, by number, offset or cursor, as its contract offers it."""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from backend.exercise.callers import Caller
from backend.exercise.calls import document, id_of, rows
from backend.exercise.contract import Operation, Parameter, Resource
from backend.exercise.derivation import properties, rows_schema
from backend.exercise.laws.trial import Made, Trial, Untested
from backend.exercise.world import WorldError

LIMITS = ("limit", "page_size", "per_page", "pagesize", "perpage", "size")
PAGES = ("page", "page_number")
OFFSETS = ("offset", "skip")
CURSORS = ("cursor", "after", "page_token", "starting_after")
NEXT = ("next_cursor", "nextCursor", "next_page_token", "nextPageToken")
TOTALS = ("total", "total_count", "totalCount", "count")
MOST_PAGES = 60
WIDE = 100
"""Rows of a page where the contract has no upper bound."""


@dataclass(frozen=True)
class Pages:
    """How an operation is walked."""

    limit: Parameter | None
    number: Parameter | None
    """``page``, or the offset where there is no page."""
    cursor: Parameter | None

    @property
    def by_offset(self) -> bool:
        """Whether the number counts rows and not pages."""
        return self.number is not None and self.number.name.lower() in OFFSETS

    @property
    def most(self) -> int | None:
        """The most rows of a page the contract allows."""
        return bound(self.limit, "maximum") if self.limit is not None else None


@dataclass
class Walk:
    """All pages of a list."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    total: int | None = None
    """As the answers say."""
    complete: bool = True
    """Whether the end was reached within the bound of pages."""


@dataclass(frozen=True)
class Listing:
    """A list, where it is."""

    operation: Operation
    resource: Resource
    path: Mapping[str, Any]
    reader: Caller
    made: tuple[Made, ...] = ()
    """Rows that are in it, made for this."""


def bound(parameter: Parameter, word: str) -> int | None:
    """A bound of a parameter's schema, also where it may be null."""
    for part in (parameter.schema, *parameter.schema.get("anyOf", [])):
        if isinstance(part.get(word), int):
            return int(part[word])
    return None


def pages_of(operation: Operation) -> Pages:
    """How an operation is walked, by the names of its parameters."""

    def named(names: tuple[str, ...]) -> Parameter | None:
        return next((each for each in operation.of("query") if each.name.lower() in names), None)

    return Pages(named(LIMITS), named(PAGES) or named(OFFSETS), named(CURSORS))


def lists_of(trial: Trial, *, nested: bool = True) -> Iterator[tuple[Resource, Operation]]:
    """Every list of the contract, those within parents included where ``nested``."""
    for resource in trial.contract.resources:
        if resource.list is not None and "{" not in resource.collection:
            yield resource, resource.list
        for each in resource.nested if nested else ():
            if each.list is not None:
                yield resource, each.list


async def listing(trial: Trial, resource: Resource, operation: Operation, count: int) -> Listing:
    """A list with at least ``count`` rows in it.

    Raises:
        WorldError, Untested: no row could be made, or nobody may read the list.
    """
    nested = next((each for each in resource.nested if each.list is operation), None)
    made: list[Made] = []
    path: dict[str, Any] = {}
    if nested is None:
        path = await trial.subject.world.path_values(operation, trial.caller)
        made = await several(trial, resource, count)
    else:
        first = await trial.make(resource)
        field_name = parent_field(trial, resource, nested.parent)
        key = first.values.get(field_name)
        if key is None and trial.settable(resource, field_name):
            key = (await trial.make(trial.contract.resource(nested.parent), first.maker)).id
            first = await trial.make(resource, first.maker, **{field_name: key})
        if key is None:
            raise Untested(f"the rows do not show {field_name}")
        path, made = {nested.parameter: key}, [first]
        made += await _more(trial, first, count - 1, {field_name: key})
    return Listing(operation, resource, path, await trial.reader(operation, path), tuple(made))


def parent_field(trial: Trial, resource: Resource, parent: str) -> str:
    """The body's field that holds the parent's id."""
    references = trial.subject.world.references(resource)
    return next((name for name, other in references.items() if other == parent), f"{parent}_id")


async def several(trial: Trial, resource: Resource, count: int, **overrides: Any) -> list[Made]:
    """``count`` new rows; fewer where a caller can only have one, or one for each other caller."""
    wanted = trial.wanted(resource)
    if wanted is not None and wanted.owner == "self":
        found = []
        for caller in trial.subject.callers:
            if caller.subject and caller.tenant_id == trial.caller.tenant_id:
                found.append(await trial.make(resource, caller, **overrides))
        return found
    made = [await trial.make(resource, **overrides)]
    return made + await _more(trial, made[0], count - 1, overrides)


async def _more(trial: Trial, first: Made, count: int, overrides: Mapping[str, Any]) -> list[Made]:
    """Further rows of the same maker; fewer where what is unique together does not allow them."""
    made = []
    for _ in range(count):
        try:
            made.append(await trial.make(first.resource, first.maker, **overrides))
        except WorldError:
            break
    return made


async def walk(
    trial: Trial,
    listing: Listing,
    limit: int | None = None,
    query: Mapping[str, Any] | None = None,
    *,
    between: Callable[[Walk], Coroutine[Any, Any, None]] | None = None,
) -> Walk:
    """All pages of ``limit`` rows, or of as many as the contract allows.

    Args:
        trial: whose requests they are.
        listing: the list.
        limit: of a page; the most there may be where it is left out.
        query: besides.
        between: run once, after the first page.

    Raises:
        Untested: a page is refused.
    """
    ways, found = pages_of(listing.operation), Walk()
    asked: dict[str, Any] = dict(query or {})
    if ways.limit is not None:
        asked[ways.limit.name] = limit or ways.most or WIDE
    first_page = (bound(ways.number, "minimum") or 0) if ways.by_offset and ways.number else 1
    for page in range(MOST_PAGES):
        if ways.number is not None and not ways.cursor and page:
            asked[ways.number.name] = len(found.rows) if ways.by_offset else first_page + page
        answer = await trial.ask(listing.operation, listing.reader, path=listing.path, query=asked)
        if answer.status != 200:
            raise Untested(f"page {page + 1} is answered with {answer.status}")
        here = rows(answer)
        found.rows += here
        found.ids += [str(id_of(listing.resource, each)) for each in here]
        found.total = told(answer, TOTALS)
        if page == 0 and between is not None:
            await between(found)
        following = told(answer, NEXT)
        if ways.cursor is not None:
            if not following:
                return found
            asked[ways.cursor.name] = following
        elif ways.number is None or not here or (found.total is not None and len(found.rows) >= found.total):
            return found
    found.complete = False
    return found


def told(answer: Any, names: tuple[str, ...]) -> Any:
    """What an answer says of its pages: in ``meta``, ``pagination`` or at its top."""
    whole = document(answer)
    if not isinstance(whole, Mapping):
        return None
    inner = [whole[key] for key in ("meta", "pagination", "page_info") if isinstance(whole.get(key), Mapping)]
    for part in (*inner, whole):
        for name in names:
            if part.get(name) is not None:
                return part[name]
    return None


def columns(trial: Trial, operation: Operation) -> dict[str, Any]:
    """The fields that a list's rows have, with their schemas."""
    promise = operation.promise(200)
    if promise is None or promise.schema is None:
        return {}
    schema = rows_schema(trial.contract.schemas, promise.schema)
    return dict(properties(trial.contract.schemas, schema)) if schema is not None else {}


def words(text: str) -> str:
    """As in ``next_cursor`` for ``nextCursor``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text).lower()
