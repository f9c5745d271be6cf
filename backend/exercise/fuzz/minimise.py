"""The least request that still fails: one change at a time, kept while the same check fails."""

from __future__ import annotations

import copy
import json
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from random import Random
from typing import Any

from backend.exercise.exchange import Exchange
from backend.exercise.fuzz.case import Case, Wish
from backend.exercise.schemas import Schemas
from backend.exercise.values.valid import NotMade, Values

MOST = 80
"""Requests spent on one failure."""

Fails = Callable[[Case], Awaitable[Exchange | None]]
"""Sends a case; the exchange if the check in question fails, else ``None``."""


async def minimise(case: Case, exchange: Exchange, schemas: Schemas, fails: Fails, seed: int) -> tuple[Case, Exchange]:
    """Make ``case`` smaller while it fails.

    Args:
        case: that failed.
        exchange: with which.
        schemas: of the contract; plain values are drawn from them.
        fails: tries a candidate.
        seed: of the plain values.

    Returns:
        The smallest case found and the exchange that shows it; the original ones where nothing smaller fails.
    """
    values = Values(schemas, Random(f"minimise {seed}"), plain=True)
    left = MOST
    progress = True
    while progress and left > 0:
        progress = False
        for candidate in _smaller(case, schemas, values):
            left -= 1
            if left < 0:
                break
            found = await fails(candidate)
            if found is not None:
                case, exchange, progress = candidate, found, True
                break
    return case, exchange


def _smaller(case: Case, schemas: Schemas, values: Values) -> Iterator[Case]:
    """Candidates, the boldest first. Each is strictly smaller or plainer, so that the search ends."""
    if isinstance(case.body, dict) and case.operation.body is not None:
        valid = schemas.valid(case.operation.body, case.body)
        weight = _weight(case.body)
        for candidate in _bodies(case, schemas, values):
            if _weight(candidate.body) < weight and schemas.valid(case.operation.body, candidate.body) == valid:
                yield candidate
        if not valid and case.query:
            yield replace(case, query={})
    if case.wish in (Wish.ACCEPT, Wish.EITHER):
        yield from _beside(case)
    if case.raw_query and len(case.raw_query) > 100:
        yield replace(case, raw_query=case.raw_query[: len(case.raw_query) // 2])
    if case.raw_body and len(case.raw_body) > 200:
        yield replace(case, raw_body=case.raw_body[: len(case.raw_body) // 2])


def _beside(case: Case) -> Iterator[Case]:
    """Without a query parameter or header that may be left out, or with a shorter value."""
    needed = {parameter.name.lower() for parameter in case.operation.parameters if parameter.required}
    for name in case.query:
        if name.lower() not in needed:
            yield replace(case, query={key: value for key, value in case.query.items() if key != name})
    if case.wish == Wish.EITHER:
        for name, value in case.query.items():
            for shorter in _shorter(value):
                yield replace(case, query={**case.query, name: shorter})
    for name in case.headers:
        if name.lower() not in needed:
            yield replace(case, headers={key: value for key, value in case.headers.items() if key != name})


def _bodies(case: Case, schemas: Schemas, values: Values) -> Iterator[Case]:
    body = case.body
    plain = _plain(case, schemas, values)
    special = [name for name in body if name not in plain or not _is_plain(body[name])]
    if len(special) > 1:
        for name in special:
            yield replace(case, body={**plain, name: body[name]})
    for name in body:
        if name not in plain and len(body) > 1:
            yield replace(case, body={key: value for key, value in body.items() if key != name})
    for name in special:
        others = {key: plain.get(key, value) for key, value in body.items()}  # anew, as they may have to be unique
        for shorter in _shorter(body[name]):
            yield replace(case, body={**others, name: shorter})


def _plain(case: Case, schemas: Schemas, values: Values) -> dict[str, Any]:
    """What the body's schema asks for at least, with the ids that the body has."""
    try:
        made = values.value(case.operation.body or {}, "body")
    except NotMade:
        return {}
    kept = {name: copy.deepcopy(value) for name, value in case.body.items() if name.endswith("_id") and name in made}
    return {**made, **kept} if isinstance(made, dict) else {}


def _weight(body: dict[str, Any]) -> tuple[int, int]:
    """How much there is to understand: values that are not plain, then characters."""
    return sum(not _is_plain(value) for value in body.values()), len(json.dumps(body))


def _is_plain(value: Any) -> bool:
    if isinstance(value, str):
        return value.isascii() and len(value) <= 40 and value.replace(" ", "").replace("-", "").isalnum()
    return isinstance(value, bool) or (isinstance(value, int) and 0 <= value <= 1000)


def _shorter(value: Any) -> Iterator[Any]:
    if isinstance(value, str) and len(value) > 1:
        half = len(value) // 2
        yield value[:half]
        yield value[half:]
        if len(value) <= 12:
            yield value[1:]
            yield value[:-1]
    elif isinstance(value, list) and value:
        yield value[: len(value) // 2]
    elif isinstance(value, dict) and value:
        for key in value:
            yield {name: part for name, part in value.items() if name != key}
