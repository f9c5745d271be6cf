"""A small honest backend for the checks to work on: users and their posts, after the wire contract.

``SAMPLE_BUGS`` names the faults to plant, parted by commas; ``SAMPLE_AUTH=<secret>`` demands tokens for writing.
It needs nothing of this repository: it runs in the child process like anybody's application.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import re
import sqlite3
import time
import traceback
import uuid
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, FastAPI, Header, Path, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, WithJsonSchema
from starlette.exceptions import HTTPException

BUGS = frozenset(filter(None, os.environ.get("SAMPLE_BUGS", "").split(",")))
SECRET = os.environ.get("SAMPLE_AUTH", "")
CODES = {
    400: "BAD_REQUEST",
    401: "UNAUTHENTICATED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    409: "CONFLICT",
    412: "PRECONDITION_FAILED",
    422: "VALIDATION_ERROR",
    500: "INTERNAL_ERROR",
}
TABLES = """
CREATE TABLE users (id TEXT PRIMARY KEY, email TEXT NOT NULL UNIQUE, name TEXT NOT NULL, age INTEGER,
    created_at TEXT NOT NULL, updated_at TEXT NOT NULL);
CREATE TABLE posts (id TEXT PRIMARY KEY, user_id TEXT NOT NULL REFERENCES users ON DELETE CASCADE, owner_id TEXT,
    title TEXT NOT NULL, body TEXT, status TEXT NOT NULL, price TEXT NOT NULL, version INTEGER NOT NULL DEFAULT 1,
    created_at TEXT NOT NULL, updated_at TEXT NOT NULL);
CREATE INDEX posts_by_user ON posts (user_id, created_at DESC);
"""

# Text that the database can keep: no NUL, no half characters.
Text = Annotated[str, Field(strict=True, min_length=1, max_length=200, pattern=r"^[^\x00]*$")]
Price = Annotated[str, Field(strict=True, pattern=r"^\d{1,8}\.\d{2}$")]
Id = Annotated[uuid.UUID, Field()]
# What the contract says stays the same where the program forgets it.
LaxText = Annotated[str, WithJsonSchema(TypeAdapter(Text).json_schema())] if "accepts-invalid" in BUGS else Text


class Model(BaseModel):
    model_config = ConfigDict(
        extra="ignore" if "unknown-keys" in BUGS else "forbid", json_schema_extra={"additionalProperties": False}
    )


class NewUser(Model):
    email: Annotated[str, Field(strict=True, max_length=120, pattern=r"^[a-z0-9.]+@[a-z0-9.]+\.[a-z]{2,}$")]
    name: Text
    age: Annotated[int, Field(strict=True, ge=0, le=150)] | None = None


class NewPost(Model):
    title: LaxText  # type: ignore[valid-type]
    body: Annotated[str, Field(strict=True, max_length=2000, pattern=r"^[^\x00]*$")] | None = None
    status: Literal["draft", "published"] = "draft"
    price: Price


class NewPostOf(NewPost):
    user_id: Id


class PostChange(Model):
    title: Text | None = None
    status: Literal["draft", "published"] | None = None


class User(BaseModel):
    id: uuid.UUID
    email: str
    name: str
    age: int | None
    created_at: datetime
    updated_at: datetime


class Post(BaseModel):
    id: uuid.UUID
    user_id: uuid.UUID
    owner_id: uuid.UUID | None
    title: str
    body: str | None
    status: Literal["draft", "published"]
    price: Price
    version: int
    created_at: datetime
    updated_at: datetime


class Empty(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Page(BaseModel):
    page: int
    limit: int
    total: int


class OneUser(BaseModel):
    data: User
    meta: Empty


class OnePost(BaseModel):
    data: Post
    meta: Empty


class Users(BaseModel):
    data: list[User]
    meta: Page


class Posts(BaseModel):
    data: list[Post]
    meta: Page


class Detail(BaseModel):
    field: str
    code: str
    message: str


class Problem(BaseModel):
    code: str
    message: str
    details: list[Detail]


class Failed(BaseModel):
    error: Problem


class Refused(Exception):
    def __init__(self, status: int, message: str, field: str = "", headers: dict[str, str] | None = None) -> None:
        self.status, self.message, self.headers = status, message, headers or {}
        self.details = [{"field": field, "code": "invalid", "message": message}] if field else []


def answer(status: int, body: Any, headers: dict[str, str] | None = None) -> Response:
    kind = "text/plain" if "content-type" in BUGS else "application/json"
    return Response(json.dumps(body), status, headers, kind)


def problem(status: int, message: str, details: list[Any] = [], headers: dict[str, str] | None = None) -> Response:  # noqa: B006
    body = {"error": {"code": CODES.get(status, "ERROR"), "message": message, "details": details}}
    return JSONResponse(body, status, {"Cache-Control": "no-store", **(headers or {})})


def says(*statuses: int) -> dict[int | str, dict[str, Any]]:
    return {status: {"model": Failed, "description": CODES[status]} for status in statuses}


class Database:
    """One connection in memory; every request is a transaction."""

    def __init__(self) -> None:
        self.connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        self.connection.row_factory = sqlite3.Row
        self.connection.executescript("PRAGMA foreign_keys = ON;" + TABLES)

    def all(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        return [dict(row) for row in self.connection.execute(sql, values)]

    def one(self, sql: str, *values: Any) -> dict[str, Any] | None:
        return next(iter(self.all(sql, *values)), None)


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def known_query(request: Request) -> None:
    """Unknown query parameters are refused."""
    known = {each.alias for each in request.scope["route"].dependant.query_params}
    for name in request.query_params:
        if name not in known:
            raise Refused(422, "unknown query parameter", f"query.{name[:40]}")


def writer(request: Request) -> str | None:
    """The caller's user id; writing needs one where tokens are demanded."""
    if not SECRET:
        return None
    import jwt

    token = request.headers.get("authorization", "").removeprefix("Bearer ")
    try:
        claims = jwt.decode(token, SECRET, algorithms=["HS256"], audience="sample", issuer="sample")
    except jwt.InvalidTokenError:
        raise Refused(401, "a valid token is needed", headers={"WWW-Authenticate": "Bearer"}) from None
    return str(claims["sub"])


Writer = Annotated[str | None, Depends(writer)]
Limit = Annotated[
    int, Query(ge=1, **({"json_schema_extra": {"maximum": 100}} if "unbounded-limit" in BUGS else {"le": 100}))
]
PageNumber = Annotated[int, Query(ge=1, le=1_000_000)]
PostId = Annotated[uuid.UUID, Path()]
SECURED: dict[str, Any] = {"security": [{"bearer": []}]} if SECRET else {}


def create_app() -> FastAPI:
    """The application with a database of its own."""
    app = FastAPI(title="Sample", docs_url=None, redoc_url=None)
    app.router.redirect_slashes = False
    database = Database()
    once: dict[tuple[str, str], tuple[str, int, Any, dict[str, str]]] = {}
    _errors(app)

    def shown(post: dict[str, Any]) -> dict[str, Any]:
        return {**post, "created_at": 17} if "schema-violation" in BUGS else post

    def post_of(post_id: uuid.UUID) -> dict[str, Any]:
        found = database.one("SELECT * FROM posts WHERE id = ?", str(post_id))
        if found is None:
            raise Refused(404, "no such post")
        return found

    def may_change(post: dict[str, Any], caller: str | None) -> None:
        if caller is not None and post["owner_id"] != caller and "no-owner-check" not in BUGS:
            raise Refused(403, "not your post")

    def listed(where: str, values: tuple[Any, ...], page: int, limit: int) -> Response:
        rows = database.all(
            f"SELECT * FROM posts WHERE {where} ORDER BY created_at DESC, id LIMIT ? OFFSET ?",
            *values,
            limit,
            (page - 1) * limit,
        )
        total = database.all(f"SELECT count(*) AS total FROM posts WHERE {where}", *values)[0]["total"]
        if "n+1" in BUGS:
            for row in rows:
                database.one("SELECT * FROM users WHERE id = ?", row["user_id"])
        return answer(
            200, {"data": [shown(row) for row in rows], "meta": {"page": page, "limit": limit, "total": total}}
        )

    def inserted(user_id: uuid.UUID, new: NewPost, owner: str | None) -> Response:
        if "refuses-valid" in BUGS and not new.title.isascii():
            raise Refused(422, "letters of the alphabet, please", "body.title")
        if "crash" in BUGS:
            database.all(f"SELECT '{new.title}'")
        if "slow" in BUGS and len(new.title) < 3:
            time.sleep(0.3)
        if "hang" in BUGS and "'" in new.title:
            time.sleep(1000)
        if "exit" in BUGS and "'" in new.title:
            os._exit(7)
        key, moment = str(uuid.uuid4()), now()
        values = (key, str(user_id), owner, new.title, new.body, new.status, new.price, 1, moment, moment)
        try:
            database.all(f"INSERT INTO posts VALUES ({', '.join('?' * 10)})", *values)
        except sqlite3.IntegrityError:
            raise Refused(422, "no such user", "body.user_id") from None
        status = 200 if "wrong-status" in BUGS else 201
        found = database.one("SELECT * FROM posts WHERE id = ?", key)
        assert found is not None
        return answer(status, {"data": shown(found), "meta": {}}, {"Location": f"/api/v1/posts/{key}"})

    @app.get("/healthz", operation_id="healthz", tags=["health"])
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    api = APIRouter(prefix="/api/v1", dependencies=[Depends(known_query)])

    @api.get("/users", operation_id="list_users", response_model=Users, responses=says(422))
    async def list_users(page: PageNumber = 1, limit: Limit = 20) -> Response:
        rows = database.all(
            "SELECT * FROM users ORDER BY created_at DESC, id LIMIT ? OFFSET ?", limit, (page - 1) * limit
        )
        total = database.all("SELECT count(*) AS total FROM users")[0]["total"]
        return answer(200, {"data": rows, "meta": {"page": page, "limit": limit, "total": total}})

    created = {"status_code": 201, "openapi_extra": SECURED}

    @api.post(
        "/users",
        operation_id="create_user",
        response_model=OneUser,
        responses=says(400, 409, 422, *([401] if SECRET else [])),
        **created,
    )
    async def create_user(new: NewUser, caller: Writer) -> Response:
        key, moment = str(uuid.uuid4()), now()
        try:
            database.all(
                "INSERT INTO users VALUES (?, ?, ?, ?, ?, ?)", key, new.email, new.name, new.age, moment, moment
            )
        except sqlite3.IntegrityError as error:
            raise Refused(409, str(error) if "leak" in BUGS else "the email is taken", "body.email") from None
        found = database.one("SELECT * FROM users WHERE id = ?", key)
        return answer(201, {"data": found, "meta": {}}, {"Location": f"/api/v1/users/{key}"})

    @api.get("/users/{user_id}", operation_id="get_user", response_model=OneUser, responses=says(404, 422))
    async def get_user(user_id: uuid.UUID) -> Response:
        found = database.one("SELECT * FROM users WHERE id = ?", str(user_id))
        if found is None:
            raise Refused(404, "no such user")
        return answer(200, {"data": found, "meta": {}})

    @api.get("/posts", operation_id="list_posts", response_model=Posts, responses=says(422))
    async def list_posts(
        page: PageNumber = 1,
        limit: Limit = 20,
        status: Literal["draft", "published"] | None = None,
        user_id: uuid.UUID | None = None,
    ) -> Response:
        where, values = ["1 = 1"], []
        for column, value in (("status", status), ("user_id", user_id)):
            if value is not None and "filter-ignored" not in BUGS:
                where.append(f"{column} = ?")
                values.append(str(value))
        return listed(" AND ".join(where), tuple(values), page, limit)

    @api.post(
        "/posts",
        operation_id="create_post",
        response_model=OnePost,
        responses=says(400, 409, 422, *([401] if SECRET else [])),
        **created,
    )
    async def create_post(
        new: NewPostOf,
        caller: Writer,
        idempotency_key: Annotated[str | None, Header(min_length=1, max_length=64, pattern=r"^[\x21-\x7e]+$")] = None,
    ) -> Response:
        body = new.model_dump_json()
        kept = once.get((str(caller), idempotency_key or ""))
        if idempotency_key and kept and "not-idempotent" not in BUGS:
            if kept[0] != body:
                raise Refused(422, "another body with the same key", "header.idempotency-key")
            return answer(kept[1], kept[2], {**kept[3], "Idempotency-Replayed": "true"})
        made = inserted(new.user_id, new, caller)
        if idempotency_key:
            location = {"Location": made.headers["location"]}
            once[str(caller), idempotency_key] = (body, made.status_code, json.loads(bytes(made.body)), location)
        return made

    @api.get("/posts/{post_id}", operation_id="get_post", response_model=OnePost, responses=says(404, 422))
    async def get_post(post_id: PostId, if_none_match: Annotated[str | None, Header()] = None) -> Response:
        data = {"data": shown(post_of(post_id)), "meta": {}}
        tag = f'"{hashlib.sha256(json.dumps(data).encode()).hexdigest()[:16]}"'
        if if_none_match == tag:
            return Response(status_code=304, headers={"ETag": tag})
        return answer(200, data, {"ETag": tag})

    @api.patch(
        "/posts/{post_id}",
        operation_id="update_post",
        response_model=OnePost,
        responses=says(400, 404, 412, 422, *([401, 403] if SECRET else [])),
        openapi_extra=SECURED,
    )
    async def update_post(post_id: PostId, change: PostChange, caller: Writer) -> Response:
        post = post_of(post_id)
        may_change(post, caller)
        if "lost-update" in BUGS:
            await asyncio.sleep(0)
        fields = {name: value for name, value in change.model_dump(exclude_unset=True).items() if value is not None}
        for name, value in fields.items():
            database.all(f"UPDATE posts SET {name} = ? WHERE id = ?", value, str(post_id))
        database.all("UPDATE posts SET version = version + 1, updated_at = ? WHERE id = ?", now(), str(post_id))
        return answer(200, {"data": shown(post_of(post_id)), "meta": {}})

    @api.delete(
        "/posts/{post_id}",
        operation_id="delete_post",
        status_code=204,
        responses=says(404, 422, *([401, 403] if SECRET else [])),
        openapi_extra=SECURED,
    )
    async def delete_post(post_id: PostId, caller: Writer) -> Response:
        may_change(post_of(post_id), caller)
        if "delete-forgotten" not in BUGS:
            database.all("DELETE FROM posts WHERE id = ?", str(post_id))
        return Response(status_code=204)

    @api.get(
        "/users/{user_id}/posts",
        operation_id="list_user_posts",
        response_model=Posts,
        responses=says(404, 422),
    )
    async def list_user_posts(user_id: uuid.UUID, page: PageNumber = 1, limit: Limit = 20) -> Response:
        if database.one("SELECT id FROM users WHERE id = ?", str(user_id)) is None:
            raise Refused(404, "no such user")
        return listed("user_id = ?", (str(user_id),), page, limit)

    @api.post(
        "/users/{user_id}/posts",
        operation_id="create_user_post",
        response_model=OnePost,
        responses=says(400, 404, 422, *([401] if SECRET else [])),
        **created,
    )
    async def create_user_post(user_id: uuid.UUID, new: NewPost, caller: Writer) -> Response:
        if database.one("SELECT id FROM users WHERE id = ?", str(user_id)) is None:
            raise Refused(404, "no such user")
        return inserted(user_id, new, caller)

    app.include_router(api)
    return app


def _errors(app: FastAPI) -> None:
    """The envelope on every error, the framework's own included."""

    @app.exception_handler(Refused)
    async def refused(request: Request, error: Refused) -> Response:
        return problem(error.status, error.message, error.details, error.headers)

    @app.exception_handler(HTTPException)
    async def framework(request: Request, error: HTTPException) -> Response:
        if "no-envelope" in BUGS:
            return JSONResponse({"detail": error.detail}, error.status_code, error.headers)
        headers = dict(error.headers or {})
        if error.status_code == 405:
            address = request.scope["path"]
            allowed = {
                method.upper()
                for path, methods in app.openapi()["paths"].items()
                if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", path), address)
                for method in methods
            }
            headers = {} if "no-allow" in BUGS else {"Allow": ", ".join(sorted(allowed))}
        return problem(error.status_code, str(error.detail), headers=headers)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        if any(each["type"] == "json_invalid" for each in error.errors()):
            return problem(400, "the body is not JSON")
        details = [
            {"field": ".".join(str(part) for part in each["loc"])[:200], "code": each["type"], "message": each["msg"]}
            for each in error.errors()
        ]
        return problem(422, "the request is not valid", details)

    @app.middleware("http")
    async def wrapped(request: Request, proceed: Any) -> Response:
        try:
            found: Response = await proceed(request)
        except Exception:
            message = traceback.format_exc() if "leak" in BUGS else "Something went wrong"
            found = problem(500, message)
        if "no-request-id" not in BUGS or found.status_code != 422:
            found.headers["X-Request-Id"] = request.headers.get("x-request-id", str(uuid.uuid4()))[:64]
        return found
