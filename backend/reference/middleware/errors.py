"""The last net: what nobody expected is logged whole and answered without a word about it."""

from __future__ import annotations

import logging

from starlette.types import ASGIApp, Receive, Scope, Send

from ..error_responses import error_response, internal_error

logger = logging.getLogger("app.errors")


class UnexpectedErrorMiddleware:
    """Answers ``INTERNAL_ERROR`` for any exception that no handler took."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        try:
            await self.app(scope, receive, send)
        except Exception:
            logger.exception("unexpected error", extra={"request_id": scope["state"]["request_id"]})
            if scope["state"]["status"]:
                raise  # the server cuts the connection, so that half an answer is not taken for a whole one
            await error_response(internal_error())(scope, receive, send)
