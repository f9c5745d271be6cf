"""Limits of single operations, as a dependency of their routes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import Request

from .errors import RateLimitedError
from .middleware.throttle import tell
from .rate_limit import Limit
from .services import services


def limited(name: str, quota: int, window: int) -> Callable[..., Awaitable[None]]:
    """A dependency that lets ``quota`` requests pass in any ``window`` seconds, by user or else by address."""
    limit = Limit(name, quota, window)

    async def count(request: Request) -> None:
        app = services(request)
        if not app.settings.rate_limit_enabled:
            return
        caller = request.state.caller
        key = f"user:{caller.id}" if caller else f"address:{request.state.address}"
        verdict = await app.limiter.hit(key, limit)
        tell(request.scope, verdict)
        if not verdict.allowed:
            raise RateLimitedError(max(1, verdict.reset_seconds))

    return count
