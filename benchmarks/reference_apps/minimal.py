"""The least that answers the same: Starlette, an asyncpg pool, orjson. ``DATABASE_URL`` is as libpq takes it."""

from __future__ import annotations

import base64
import os
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import asyncpg
import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

COLUMNS = "id, title, body, price, quantity, created_at, updated_at"
GET = f"select {COLUMNS} from items where id = $1"
LIST = f"select {COLUMNS} from items order by created_at desc, id desc limit $1"
LIST_AFTER = f"select {COLUMNS} from items where (created_at, id) < ($2, $3) order by created_at desc, id desc limit $1"
CREATE = f"insert into items (id, title, body, price, quantity) values ($1, $2, $3, $4, $5) returning {COLUMNS}"


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    async with asyncpg.create_pool(os.environ["DATABASE_URL"], min_size=10, max_size=10) as pool:
        app.state.pool = pool
        yield


def shown(row: asyncpg.Record) -> dict[str, Any]:
    item = dict(row)
    item["id"], item["price"] = str(item["id"]), str(item["price"])
    return item


def answer(content: object, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(orjson.dumps(content, option=orjson.OPT_UTC_Z), status, headers, media_type="application/json")


def error(status: int, code: str, message: str) -> Response:
    return answer({"error": {"code": code, "message": message, "details": []}}, status)


async def healthz(request: Request) -> Response:
    return answer({"status": "ok"})


async def get_item(request: Request) -> Response:
    try:
        item_id = uuid.UUID(request.path_params["item_id"])
    except ValueError:
        return error(422, "VALIDATION_ERROR", "item_id is not a UUID")
    row = await request.app.state.pool.fetchrow(GET, item_id)
    if row is None:
        return error(404, "NOT_FOUND", "Item not found")
    return answer({"data": shown(row), "meta": {}})


async def list_items(request: Request) -> Response:
    try:
        limit = int(request.query_params.get("limit", 20))
        after = read_cursor(request.query_params.get("cursor"))
    except ValueError:
        return error(422, "VALIDATION_ERROR", "limit or cursor is not valid")
    if not 1 <= limit <= 100:
        return error(422, "VALIDATION_ERROR", "limit is not in 1 to 100")
    rows = await request.app.state.pool.fetch(LIST_AFTER if after else LIST, limit + 1, *after)
    following = write_cursor(rows[limit - 1]) if len(rows) > limit else None
    return answer({"data": [shown(row) for row in rows[:limit]], "meta": {"limit": limit, "next_cursor": following}})


async def create_item(request: Request) -> Response:
    try:
        values = read_item(orjson.loads(await request.body()))
    except (ValueError, KeyError, TypeError, InvalidOperation):
        return error(422, "VALIDATION_ERROR", "the body is not a valid item")
    row = await request.app.state.pool.fetchrow(CREATE, uuid.uuid4(), *values)
    return answer({"data": shown(row), "meta": {}}, 201, {"Location": f"/api/v1/items/{row['id']}"})


def read_item(body: dict[str, Any]) -> tuple[str, str, Decimal, int]:
    title, text, price, quantity = body["title"], body["body"], Decimal(body["price"]), body["quantity"]
    if len(body) != 4 or not isinstance(title, str) or not 1 <= len(title) <= 200 or not isinstance(text, str):
        raise ValueError
    if not isinstance(quantity, int) or quantity < 0 or not price.is_finite():
        raise ValueError
    return title, text, price, quantity


def write_cursor(row: asyncpg.Record) -> str:
    return base64.urlsafe_b64encode(f"{row['created_at'].isoformat()}|{row['id']}".encode()).decode()


def read_cursor(cursor: str | None) -> tuple[()] | tuple[datetime, uuid.UUID]:
    if not cursor:
        return ()
    moment, _, item_id = base64.urlsafe_b64decode(cursor).decode().partition("|")
    return datetime.fromisoformat(moment), uuid.UUID(item_id)


app = Starlette(
    routes=[
        Route("/healthz", healthz),
        Route("/api/v1/items/{item_id}", get_item),
        Route("/api/v1/items", list_items, methods=["GET"]),
        Route("/api/v1/items", create_item, methods=["POST"]),
    ],
    lifespan=lifespan,
)
