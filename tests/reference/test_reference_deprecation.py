"""Deprecated operations say so on every answer, in the forms that RFC 9745 and RFC 8594 demand."""

from __future__ import annotations

from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime

from fastapi import APIRouter, FastAPI
from httpx2 import ASGITransport, AsyncClient
from starlette.responses import JSONResponse, Response

from backend.reference.deprecation import deprecation_headers, documented
from backend.reference.routing import Route


def test_days_are_written_as_structured_and_as_http_dates() -> None:
    headers = deprecation_headers(date(2026, 1, 1), date(2027, 6, 30), "https://example.org/moved")
    assert headers["Deprecation"] == "@1767225600"
    assert parsedate_to_datetime(headers["Sunset"]) == datetime(2027, 6, 30, tzinfo=UTC)
    assert headers["Link"].startswith('<https://example.org/moved>; rel="deprecation"')
    assert 'rel="sunset"' in headers["Link"]


def test_without_an_end_nothing_is_said_of_one() -> None:
    assert set(deprecation_headers(date(2026, 1, 1))) == {"Deprecation"}


async def test_only_answers_of_the_deprecated_route_say_so() -> None:
    router = APIRouter(route_class=Route)

    @router.get("/old", deprecated=True, openapi_extra=documented("2026-01-01", sunset="2026-12-31"))
    async def old() -> Response:
        return JSONResponse({})

    @router.get("/new")
    async def new() -> Response:
        return JSONResponse({})

    app = FastAPI(routes=list(router.routes))
    async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as client:
        told, silent = await client.get("/old"), await client.get("/new")
    assert told.headers["deprecation"] == "@1767225600"
    assert told.headers["sunset"] == "Thu, 31 Dec 2026 00:00:00 GMT"
    assert "deprecation" not in silent.headers and "sunset" not in silent.headers
    assert app.openapi()["paths"]["/old"]["get"]["deprecated"] is True
