"""What every request gets: a name, one log line, and the headers that every answer carries."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from time import perf_counter
from uuid import uuid4

from starlette.types import ASGIApp, Message, Receive, Scope, Send

logger = logging.getLogger("app.access")

VALID_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
"""What is taken over from the client; anything else could forge log lines."""

UNLOGGED = frozenset({"/healthz", "/readyz"})
"""Asked every few seconds; logged only where they fail."""


class EdgeMiddleware:
    """The outermost one; it wraps ``send`` once for all.

    It begins the request's state: ``request_id``; ``headers``, a list that anything further in may add to; ``status``,
    which is 0 until the answer begins.
    """

    def __init__(self, app: ASGIApp, *, headers: Sequence[tuple[bytes, bytes]]) -> None:
        self.app = app
        self.headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = perf_counter()
        request_id = _given_id(scope) or uuid4().hex.encode()
        headers = [(b"x-request-id", request_id), *self.headers]
        state = scope["state"] = {
            **scope.get("state", {}),
            "request_id": request_id.decode(),
            "headers": headers,
            "status": 0,
        }

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                state["status"] = message["status"]
                message["headers"].extend(headers)
            await send(message)

        try:
            await self.app(scope, receive, send_with_headers)
        finally:
            if logger.isEnabledFor(logging.INFO) and (state["status"] >= 400 or scope["path"] not in UNLOGGED):
                logger.info(
                    "request",
                    extra={
                        "request_id": state["request_id"],
                        "method": scope["method"],
                        "path": scope["path"],  # not the query string, in which clients put secrets
                        "status": state["status"],
                        "milliseconds": round((perf_counter() - started) * 1000, 2),
                    },
                )


def _given_id(scope: Scope) -> bytes | None:
    for name, value in scope["headers"]:
        if name == b"x-request-id":
            return bytes(value) if VALID_ID.fullmatch(value) else None
    return None
