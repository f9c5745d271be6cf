"""The application's own cache of whole answers: a hit passes by routing, validation and the database."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..auth.caller import Caller
from ..cache import Cache, Entry
from ..responses import representation


@dataclass(frozen=True)
class CachedRoute:
    """A read whose answers are kept.

    Public ones are kept for everybody, the others for the callers of one tenant together; whoever may not read at
    all is left to the route. Only for reads that show the same to everybody who may read.
    """

    path: str
    """The template, as in ``/api/v1/posts/{post_id}``."""
    namespace: str
    """Invalidated by every write that can change an answer."""
    seconds: float
    cache_control: str
    public: bool
    tenant: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)
    """That the route adds to every answer, as one that is deprecated does: a kept answer has the same."""
    pattern: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "pattern", re.compile(re.sub(r"\{\w+\}", "[^/]+", self.path)))

    def audience(self, caller: Caller | None) -> str | None:
        """Whom an answer to ``caller`` may be shown to; ``None`` where the route has to decide."""
        if self.public:
            return "all"
        if caller is None:
            return None
        if not self.tenant:
            return "signed-in"
        return str(caller.tenant_id) if caller.tenant_id else None


class NotKept(Exception):
    """An answer that is not a success: sent on as it is, to everybody who waited for it."""

    def __init__(self, messages: Sequence[Message]) -> None:
        self.messages = messages


class AnswerCacheMiddleware:
    """Answers reads from the cache; many requests for what is not in it run the route once."""

    def __init__(self, app: ASGIApp, *, cache: Cache, routes: Sequence[CachedRoute]) -> None:
        self.app = app
        self.cache = cache
        self.routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        route = self._route(scope)
        audience = route.audience(scope["state"]["caller"]) if route else None
        if route is None or audience is None:
            await self.app(scope, receive, send)
            return
        key = f"{audience} {scope['path']}?{scope['query_string'].decode('latin-1')}"
        try:
            entry = await self.cache.fetch(
                route.namespace, key, ttl=route.seconds, load=lambda: self._answer(scope, receive)
            )
        except NotKept as refused:
            for message in refused.messages:
                await send(message)
            return
        known = representation(Request(scope), entry.body, etag=entry.etag, cache_control=route.cache_control)
        known.headers.update(route.headers)
        await known(scope, receive, send)

    def _route(self, scope: Scope) -> CachedRoute | None:
        if scope["type"] != "http" or scope["method"] != "GET":
            return None
        path = scope["path"]
        return next((route for route in self.routes if route.pattern.fullmatch(path)), None)

    async def _answer(self, scope: Scope, receive: Receive) -> Entry:
        """Run the route as for somebody who has nothing yet, so that the answer is a whole one."""
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        headers = [item for item in scope["headers"] if item[0] not in (b"if-none-match", b"if-modified-since")]
        await self.app({**scope, "headers": headers}, receive, keep)
        if messages[0]["status"] != 200:
            raise NotKept(messages)
        body = b"".join(message.get("body", b"") for message in messages[1:])
        etag = Headers(raw=messages[0]["headers"]).get("etag")
        return Entry(body, etag) if etag else Entry.of(body)
