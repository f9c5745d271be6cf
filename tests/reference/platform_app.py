"""A small application on the platform: one route for everything the core does around a route."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlsplit
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, FastAPI, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint, bindparam, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import Mapped, mapped_column
from starlette.responses import Response

from backend.reference import queries
from backend.reference.application import create_application
from backend.reference.auth import Identified, SignedIn
from backend.reference.cache_control import public
from backend.reference.database import Base
from backend.reference.envelope import Envelope, errors
from backend.reference.errors import NotFoundError
from backend.reference.ids import uuid7
from backend.reference.limits import limited
from backend.reference.middleware.answer_cache import CachedRoute
from backend.reference.rate_limit import Limit
from backend.reference.responses import enveloped, representation, success
from backend.reference.routing import Route
from backend.reference.services import services
from backend.reference.settings import Settings
from backend.reference.writing import IdempotencyKey, RequiredIdempotencyKey, created_once

SECRET = "a-secret-for-tests-that-is-long-enough-0123456789"


class Note(Base):
    __tablename__ = "platform_notes"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(40))
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("platform_notes.id"))

    __table_args__ = (UniqueConstraint("title"), CheckConstraint("title <> 'forbidden'", name="title"))


class NoteCreate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: Annotated[str, Field(min_length=1, max_length=40)]
    parent_id: UUID | None = None


class NoteRead(BaseModel):
    id: UUID
    title: str
    parent_id: UUID | None


COLUMNS = (Note.id, Note.title, Note.parent_id)
GET = queries.Query(select(*COLUMNS).where(Note.id == bindparam("id")))
ALL = queries.Query(select(*COLUMNS).order_by(Note.id))

router = APIRouter(prefix="/api/v1", tags=["notes"], route_class=Route)


class NoteListQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    limit: Annotated[int, Field(ge=1, le=10)] = 5


@router.get("/notes/{note_id}", response_model=Envelope[NoteRead], responses=errors(404, 422))
async def get_note(request: Request, note_id: UUID) -> Response:
    row = await services(request).database.fetch_one(GET, id=note_id)
    if row is None:
        raise NotFoundError("Note")
    return representation(request, enveloped(row), cache_control=public(5, 10))


@router.get("/notes", response_model=Envelope[list[NoteRead]], responses=errors(422))
async def list_notes(request: Request, query: Annotated[NoteListQuery, Query()]) -> Response:
    rows = await services(request).database.fetch_all(ALL)
    return representation(request, enveloped(rows[: query.limit]))


@router.post("/notes", status_code=201, response_model=Envelope[NoteRead], responses=errors(400, 401, 409, 422))
async def create_note(
    request: Request, caller: SignedIn, data: NoteCreate, idempotency_key: IdempotencyKey = None
) -> Response:
    async def create(connection: AsyncConnection) -> Any:
        values = {"id": uuid7(), **data.model_dump()}
        return (await connection.execute(insert(Note).values(values).returning(*COLUMNS))).mappings().one()

    answer = await created_once(request, create, location="/api/v1/notes", key=idempotency_key)
    await services(request).cache.invalidate("notes")
    return answer


@router.post("/paid", status_code=201, response_model=Envelope[NoteRead], responses=errors(400, 409, 422))
async def create_paid(request: Request, data: NoteCreate, idempotency_key: RequiredIdempotencyKey) -> Response:
    async def create(connection: AsyncConnection) -> Any:
        values = {"id": uuid7(), **data.model_dump()}
        return (await connection.execute(insert(Note).values(values).returning(*COLUMNS))).mappings().one()

    return await created_once(request, create, location="/api/v1/notes", key=idempotency_key)


@router.delete("/notes/{note_id}", responses=errors(409, 422), status_code=204)
async def delete_note(request: Request, note_id: UUID) -> Response:
    await services(request).database.write(
        lambda connection: connection.execute(Note.__table__.delete().where(Note.id == note_id))
    )
    return Response(status_code=204)


@router.get("/whoami", responses=errors())
async def whoami(caller: Identified) -> Response:
    return success({"id": caller.id if caller else None, "roles": sorted(caller.roles) if caller else []})


@router.get("/admin", responses=errors(401, 403))
async def admin(caller: SignedIn) -> Response:
    caller.require_role("admin")
    return success({"tenant": caller.tenant})


@router.get("/scarce", responses=errors(), dependencies=[Depends(limited("scarce", 2, 60))])
async def scarce() -> Response:
    return success({})


@router.get("/crash", responses=errors())
async def crash() -> Response:
    raise RuntimeError("the password is hunter2")


@router.get("/slow", responses=errors())
async def slow(request: Request) -> Response:
    async def sleep(connection: AsyncConnection) -> None:
        await connection.execute(text("select pg_sleep(5)"))

    await services(request).database.write(sleep)
    return success({})


def build(
    *,
    quota: int = 1000,
    cached: Sequence[CachedRoute] = (),
    **settings: Any,
) -> FastAPI:
    """The application with ``settings`` instead of the environment's."""
    given = {"environment": "test", "jwt_secret": SECRET, **settings}
    return create_application(
        Settings(_env_file=None, **given),
        title="notes",
        version="1",
        description="",
        routers=[router],
        limit=Limit("default", quota, 60),
        cached=cached,
    )


@dataclass
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)

    @property
    def code(self) -> str:
        return str(self.json["error"]["code"])


@dataclass
class Client:
    """Calls the application as a server would, without one in between."""

    app: FastAPI
    address: str = "192.0.2.1"

    async def __call__(
        self, method: str, target: str, *, body: object = None, scheme: str = "http", **headers: str
    ) -> Reply:
        raw = body if isinstance(body, bytes) else b"" if body is None else orjson.dumps(body)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if raw and "content-type" not in sent:
            sent["content-type"] = "application/json"
        url = urlsplit(target)
        messages: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": raw, "more_body": False}

        async def send(message: Any) -> None:
            messages.append(message)

        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": scheme,
            "path": url.path,
            "raw_path": url.path.encode(),
            "query_string": url.query.encode(),
            "root_path": "",
            "headers": [
                (name.lower().encode(), value.encode()) for name, value in {"host": "notes.test", **sent}.items()
            ],
            "client": (self.address, 40_000),
            "server": ("notes.test", 80),
        }
        await self.app(scope, receive, send)
        start = messages[0]
        found: dict[str, str] = {}
        for name, value in start["headers"]:
            key = name.decode()
            found[key] = f"{found[key]}, {value.decode()}" if key in found else value.decode()
        return Reply(start["status"], found, b"".join(message.get("body", b"") for message in messages[1:]))


@asynccontextmanager
async def served(app: FastAPI) -> AsyncIterator[Client]:
    """The application with its tables, until its connections are given back."""
    services_of: Any = app.state.services
    async with services_of.database.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    try:
        yield Client(app)
    finally:
        await services_of.aclose()
