"""Answers to writes: created once however often it is sent, and the header that says which version is meant."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any

from fastapi import Header, Request
from pydantic.json_schema import SkipJsonSchema
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.responses import Response

from .cache_control import NO_STORE
from .errors import PreconditionRequiredError
from .events.event import utcnow
from .idempotency import REPLAYED, Answer, Submission, fingerprint, read_key, run_once
from .responses import JSON, enveloped
from .services import services

IdempotencyKey = Annotated[str | SkipJsonSchema[None], Header(min_length=1, max_length=255)]
RequiredIdempotencyKey = Annotated[str, Header(alias="Idempotency-Key", min_length=1, max_length=255)]
IfMatch = Annotated[str | SkipJsonSchema[None], Header()]

Create = Callable[[AsyncConnection], Awaitable[Mapping[str, Any]]]


def require_if_match(value: str | None) -> None:
    """Ask for the header before anything is read.

    Raises:
        PreconditionRequiredError: it was not sent.
    """
    if value is None:
        raise PreconditionRequiredError


async def created(request: Request, create: Create, *, location: str, statements: int = 2) -> Response:
    """The answer to a POST: 201 with the row that ``create`` makes in a transaction.

    ``location`` is the path of its collection; ``statements`` is 1 where ``create`` runs just one.
    """
    row = await services(request).database.write(create, statements=statements)
    return _response(_answer(row, location))


async def created_once(
    request: Request,
    create: Create,
    *,
    location: str,
    key: str | None,
    statements: int = 2,
) -> Response:
    """The same, with the first answer again for every repetition of the ``Idempotency-Key`` ``key``.

    Raises:
        ConflictError: the first request with this key is still running.
        AppError: the key was used for another request.
    """
    key = read_key(key)
    if key is None:
        return await created(request, create, location=location, statements=statements)
    caller = request.state.caller
    submission = Submission(
        caller=f"{caller.id} {caller.tenant_id or ''}".rstrip() if caller else request.state.address,
        route=f"POST {location}",
        key=key,
        fingerprint=fingerprint("POST", request.url.path, await request.body()),
    )

    async def once(connection: AsyncConnection) -> tuple[Answer, bool]:
        async def effect() -> Answer:
            return _answer(await create(connection), location)

        return await run_once(connection, submission, effect, now=utcnow())

    answer, replayed = await services(request).database.write(once)
    return _response(answer, REPLAYED if replayed else {})


def _answer(row: Mapping[str, Any], location: str) -> Answer:
    return Answer(201, enveloped(row), {"Location": f"{location}/{row['id']}"})


def _response(answer: Answer, more: Mapping[str, str] | None = None) -> Response:
    headers = {"Cache-Control": NO_STORE, **answer.headers, **(more or {})}
    return Response(answer.body, answer.status, headers, JSON)
