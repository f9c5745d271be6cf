"""Answers: the envelope around rows, validators and cache headers, 304 where the client has it already."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from .cache_control import NO_CACHE, NO_STORE
from .conditional import etag_of, if_none_match
from .serialization import to_json

JSON = "application/json"


def enveloped(data: Any, meta: Mapping[str, Any] | None = None) -> bytes:
    """``{data, meta}`` as it is sent."""
    return to_json({"data": data, "meta": meta or {}})


def success(data: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """An answer to a write."""
    return Response(enveloped(data), status, {"Cache-Control": NO_STORE, **(headers or {})}, JSON)


def done() -> Response:
    """The answer to a write that leaves nothing to show."""
    return Response(status_code=204, headers={"Cache-Control": NO_STORE})


def representation(request: Request, body: bytes, *, etag: str = "", cache_control: str = NO_CACHE) -> Response:
    """The answer to a read: ``body``, or 304 where ``If-None-Match`` names its ETag (RFC 9110 section 13.1.2)."""
    etag = etag or etag_of(body)
    headers = {"ETag": etag, "Cache-Control": cache_control, "Vary": "Authorization"}
    if if_none_match(request.headers.get("if-none-match"), etag):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=JSON)
