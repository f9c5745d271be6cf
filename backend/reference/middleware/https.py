"""HTTPS only: what arrives unencrypted is sent to the same place over HTTPS."""

from __future__ import annotations

from starlette.datastructures import URL, Headers
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from ..client_address import TrustedProxies
from ..error_responses import error_response
from ..errors import ForbiddenError

PROBES = ("/healthz", "/readyz")
"""Asked by the platform itself, inside the network."""


class HttpsOnlyMiddleware:
    """Redirects GET and HEAD with 308; refuses the rest, whose content has already travelled in the open."""

    def __init__(self, app: ASGIApp, *, proxies: TrustedProxies) -> None:
        self.app = app
        self.proxies = proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in PROBES or self._encrypted(scope):
            await self.app(scope, receive, send)
        elif scope["method"] in ("GET", "HEAD"):
            await RedirectResponse(URL(scope=scope).replace(scheme="https"), 308)(scope, receive, send)
        else:
            await error_response(ForbiddenError("Use HTTPS"))(scope, receive, send)

    def _encrypted(self, scope: Scope) -> bool:
        if scope["scheme"] == "https":
            return True
        peer = scope["client"][0] if scope.get("client") else ""
        return self.proxies.trusts(peer) and Headers(scope=scope).get("x-forwarded-proto", "").lower() == "https"
