"""A backend that takes part in the comparison, and the requests it is measured with."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from backend.exercise.exchange import Call
from backend.exercise.faults.asking import ask
from backend.exercise.load.address import Address
from backend.exercise.load.workload import Part

REPOSITORY = Path(__file__).resolve().parents[2]
GET, LIST, POST = "GET item", "GET list of 20", "POST item"
CACHED, UNCHANGED = "GET item, from cache", "GET item, 304"
BODY = json.dumps({"title": "Posted", "body": "Lorem ipsum dolor sit amet. " * 8, "price": "12.50", "quantity": 3})


@dataclass(frozen=True)
class Requests:
    """The paths of the resource; ``{id}`` stands for a row's id."""

    item: str = "/api/v1/items/{id}"
    collection: str = "/api/v1/items"
    cached: str = ""
    """A path whose answers come from the application's cache; empty where there is none."""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Candidate:
    """A backend that serves the table of :mod:`benchmarks.reference_apps.table`.

    ``DATABASE_URL`` is put into its environment, with ``scheme``. ``prepare`` is a command that is run once before,
    in ``folder`` and with that environment, to make what tables it has besides.
    """

    name: str
    app: str
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    requests: Requests = Requests()
    folder: Path = REPOSITORY
    factory: bool = False
    scheme: str = "postgresql+asyncpg"
    prepare: Sequence[str] = ()


USUAL = Candidate("usual", "benchmarks.reference_apps.usual:app")
MINIMAL = Candidate("minimal", "benchmarks.reference_apps.minimal:app", scheme="postgresql")


async def parts(requests: Requests, target: Address, ids: Sequence[UUID]) -> dict[str, Part]:
    """What is sent, by the kind of request. Those with ``If-None-Match`` only where answers have an ``ETag``.

    Raises:
        RuntimeError: a request is not answered as it should be; nothing could be measured.
    """
    headers = dict(requests.headers)
    listing = Call("GET", f"{requests.collection}?limit=20", headers)
    making = Call("POST", requests.collection, headers, BODY.encode())
    made = {GET: _any_of(GET, requests.item, ids, headers), LIST: Part(LIST, listing), POST: Part(POST, making)}
    for call, status in ((Call("GET", requests.item.format(id=ids[0]), headers), 200), (listing, 200), (making, 201)):
        await _answered(target, call, status)
    if requests.cached:
        made[CACHED] = _any_of(CACHED, requests.cached, ids, headers)
    tagged = [await _with_tag(target, Call("GET", requests.item.format(id=each), headers)) for each in ids[:100]]
    conditional = [call for call in tagged if call]
    if conditional:
        await _answered(target, conditional[0], 304)
        made[UNCHANGED] = Part(UNCHANGED, lambda random: random.choice(conditional))
    return made


def _any_of(name: str, path: str, ids: Sequence[UUID], headers: Mapping[str, str]) -> Part:
    calls = [Call("GET", path.format(id=each), headers) for each in ids]
    make: Callable[[random.Random], Call] = lambda random: random.choice(calls)  # noqa: E731
    return Part(name, make)


async def _with_tag(target: Address, call: Call) -> Call | None:
    """The request that is answered 304, where the answer has an ``ETag``."""
    seen = await ask(target, "read", call, 10)
    tag = seen.answer.headers.get("etag") if seen.answer else None
    return Call("GET", call.path, {**call.headers, "If-None-Match": tag}) if tag else None


async def _answered(target: Address, call: Call, status: int) -> None:
    seen = await ask(target, "read", call, 10)
    if seen.answer is None or seen.answer.status != status:
        body = seen.answer.body.decode(errors="replace")[:300] if seen.answer else ""
        raise RuntimeError(f"{call.method} {call.path} must be answered {status}, not {seen.outcome}: {body}")
