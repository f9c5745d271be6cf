"""The SQL that an operation runs, seen while it runs: for the ways in which it can be asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from backend.exercise.calls import build, rows
from backend.exercise.contract import Operation
from backend.exercise.exchange import Answer
from backend.exercise.laws.lists._walk import Pages, listing, lists_of, pages_of
from backend.exercise.laws.trial import Trial, Untested
from backend.exercise.subject import Subject
from backend.exercise.world import WorldError

ROWS = 3
"""Made in a list before it is asked, so that it has a next page."""
MOST_WAYS = 12
"""Of one operation; the others are like one of these."""


@dataclass(frozen=True)
class Asked:
    """One way to ask an operation, and the statements it ran."""

    operation: str
    way: str
    """As in ``filter status``; empty for the plain request."""
    statements: tuple[str, ...]
    status: int = 200
    """What it answered; there are no statements of what was refused."""


async def asked(subject: Subject, operation: Operation) -> list[Asked]:
    """Ask an operation in every way its contract offers; a list also by each filter, order and next page.

    Raises:
        WorldError: no row could be made for it, or nobody may ask.
        TargetGone: the backend ended.
    """
    resource = next((each for each, listed in lists_of(Trial(subject, "")) if listed is operation), None)
    if resource is None:
        return [Asked(operation.label, "", (await _succeeded(subject, operation)).statements)]
    try:
        here = await listing(Trial(subject, "law.design"), resource, operation, ROWS)
    except Untested as reason:
        raise WorldError(f"{operation.label}: {reason}") from None
    query = {"limit": 1} if pages_of(operation).limit is not None else {}
    first = await subject.target.call(build(operation, here.reader, path=here.path, query=query))
    found = [Asked(operation.label, "", first.statements)]
    for way, more in list(_ways(operation, first))[:MOST_WAYS]:
        answer = await subject.target.call(build(operation, here.reader, path=here.path, query={**query, **more}))
        found.append(Asked(operation.label, way, answer.statements if answer.status == 200 else (), answer.status))
    return found


async def _succeeded(subject: Subject, operation: Operation) -> Answer:
    """The answer to a request that succeeds; of a read the second, when caches of plans and types are warm."""
    refusal = WorldError(f"{operation.label}: nobody may")
    for who in (subject.everyday, subject.callers.helper(subject.everyday)):
        try:
            call = await subject.world.request(operation, who, fresh=operation.method == "DELETE")
        except WorldError as error:
            refusal = error
            continue
        if operation.method == "GET":
            await subject.target.call(call)
        answer = await subject.target.call(call)
        if answer.status < 300:
            return answer
        refusal = WorldError(f"{operation.label} answers {answer.status}", call, answer)
    raise refusal


def _ways(operation: Operation, first: Answer) -> Iterator[tuple[str, Mapping[str, Any]]]:
    pages, shown = pages_of(operation), next(iter(rows(first)), {})
    document = first.json()
    after = (document.get("meta") or {}).get("next_cursor") if isinstance(document, dict) else None
    if pages.cursor is not None and after:
        yield "next page", {pages.cursor.name: after}
    if pages.number is not None:
        yield "page 2", {pages.number.name: 2}
    for parameter in operation.of("query"):
        if parameter.name == "sort":
            orders = [order for order in parameter.schema.get("enum", []) if not order.endswith("created_at")]
            yield from ((f"sort {order}", {"sort": order}) for order in orders)
        elif parameter.name == "q":
            yield "search", {"q": "abc"}
        elif parameter.name not in _paging(pages) and parameter.name != "embed":
            value = shown.get(parameter.name)
            value = _some(parameter.schema) if value is None else value
            yield f"filter {parameter.name}", {parameter.name: str(value).lower() if isinstance(value, bool) else value}


def _paging(pages: Pages) -> set[str]:
    return {each.name for each in (pages.limit, pages.cursor, pages.number) if each is not None}


def _some(schema: Mapping[str, Any]) -> Any:
    """A value to filter by where the row at hand has none."""
    if "enum" in schema:
        return schema["enum"][0]
    kinds = {"integer": 1, "number": 1, "boolean": "true"}
    formats = {"uuid": str(UUID(int=1)), "date": "2000-01-01", "date-time": "2000-01-01T00:00:00Z"}
    return formats.get(schema.get("format", ""), kinds.get(schema.get("type", ""), "a"))
