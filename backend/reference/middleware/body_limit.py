"""No body is read beyond its limit, whether the client says how long it is or not."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..error_responses import error_response
from ..errors import PayloadTooLargeError


class BodyLimitMiddleware:
    """Answers 413 to longer bodies; one that comes in pieces is refused at the piece that is too much."""

    def __init__(self, app: ASGIApp, *, limit: int) -> None:
        self.app = app
        self.limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD"):
            await self.app(scope, receive, send)
            return
        if _declared(scope) > self.limit:
            await error_response(PayloadTooLargeError(self.limit))(scope, receive, send)
            return
        received = 0

        async def receive_within_limit() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self.limit:
                raise HTTPException(413)  # which the framework lets through while it reads a body
            return message

        await self.app(scope, receive_within_limit, send)


def _declared(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0
