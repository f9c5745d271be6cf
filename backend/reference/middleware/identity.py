"""Who asks: reads the bearer token and the address once, before limits are counted by them."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from ..auth.caller import Caller
from ..auth.tokens import TokenVerifier
from ..client_address import TrustedProxies, address_key
from ..errors import UnauthenticatedError


class IdentityMiddleware:
    """Puts ``caller`` into the request's state; where a token is refused ``caller`` is ``None`` and ``refusal`` why.

    ``address`` stands for those who are not signed in.

    Routes decide whether they need a caller: those open to all serve a request with a bad token as anonymous.
    """

    def __init__(self, app: ASGIApp, *, tokens: TokenVerifier, proxies: TrustedProxies) -> None:
        self.app = app
        self.tokens = tokens
        self.proxies = proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            caller, refusal = self._identify(Headers(scope=scope).get("authorization"))
            address = address_key(self.proxies.client_address(scope))
            scope["state"].update(caller=caller, refusal=refusal, address=address)
        await self.app(scope, receive, send)

    def _identify(self, authorization: str | None) -> tuple[Caller | None, UnauthenticatedError | None]:
        if authorization is None:
            return None, None
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer":
            return None, UnauthenticatedError("Send a bearer token", reason="invalid_request")
        try:
            return self.tokens.verify(token.strip()), None
        except UnauthenticatedError as refusal:
            return None, refusal
