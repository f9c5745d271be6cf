"""Rate limits that hold for every request, by user and by address; what is left is told on every answer."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from ..auth.caller import Caller
from ..error_responses import error_response
from ..errors import RateLimitedError
from ..rate_limit import Limit, RateLimiter, Verdict, rate_limit_headers

UNLIMITED = ("/healthz", "/readyz")

USERS_AT_AN_ADDRESS = 10
"""So many signed-in users may share an address, as in an office, before they get in each other's way."""


class ThrottleMiddleware:
    """Counts a request under the caller, or under the address where nobody is signed in.

    Users are counted under their address as well, in a wider limit: one machine with many accounts is still one.
    """

    def __init__(self, app: ASGIApp, *, limiter: RateLimiter, limit: Limit) -> None:
        self.app = app
        self.limiter = limiter
        self.limit = limit
        self.shared = Limit("address", limit.quota * USERS_AT_AN_ADDRESS, limit.window)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in UNLIMITED:
            await self.app(scope, receive, send)
            return
        state = scope["state"]
        verdict = await self._judge(state["caller"], state["address"])
        tell(scope, verdict)

        if verdict.allowed:
            await self.app(scope, receive, send)
        else:
            await error_response(RateLimitedError(max(1, verdict.reset_seconds)))(scope, receive, send)

    async def _judge(self, caller: Caller | None, address: str) -> Verdict:
        if caller is None:
            return await self.limiter.hit(f"address:{address}", self.limit)
        by_address = await self.limiter.hit(f"address:{address}", self.shared)
        if not by_address.allowed:
            return by_address
        return await self.limiter.hit(f"user:{caller.id}", self.limit)


def tell(scope: Scope, verdict: Verdict) -> None:
    """Put what is left of a limit on the answer; where a route has a limit of its own, both are told."""
    scope["state"]["headers"].extend((n.lower().encode(), v.encode()) for n, v in rate_limit_headers(verdict).items())
