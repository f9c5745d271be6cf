"""Puts the application together: services, middleware, error handlers, routes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

from . import health
from .client_address import TrustedProxies
from .error_responses import install_error_handlers
from .logs import configure_logging
from .middleware.answer_cache import AnswerCacheMiddleware, CachedRoute
from .middleware.body_limit import BodyLimitMiddleware
from .middleware.edge import EdgeMiddleware
from .middleware.errors import UnexpectedErrorMiddleware
from .middleware.https import HttpsOnlyMiddleware
from .middleware.identity import IdentityMiddleware
from .middleware.security_headers import security_headers
from .middleware.throttle import ThrottleMiddleware
from .rate_limit import Limit
from .services import Services
from .settings import Settings

EXPOSED = ("ETag", "Location", "RateLimit", "RateLimit-Policy", "Retry-After", "X-Request-Id", "Idempotency-Replayed")
"""Headers that scripts of the allowed origins may read."""


def create_application(
    settings: Settings,
    *,
    title: str,
    version: str,
    description: str,
    routers: Sequence[APIRouter],
    limit: Limit,
    cached: Sequence[CachedRoute] = (),
) -> FastAPI:
    """The application as the server runs it.

    Args:
        settings: read and checked.
        title: of the documentation, as are ``version`` and ``description``.
        version: of the API.
        description: what it is for.
        routers: one a resource, each with its whole prefix.
        limit: for every caller, on all routes together.
        cached: reads whose answers the application keeps.
    """
    services = Services.of(settings)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        configure_logging(settings.log_level)
        yield
        await services.aclose()

    app = FastAPI(
        title=title,
        version=version,
        description=description,
        lifespan=lifespan,
        middleware=_middleware(services, limit, cached),
        telemetry={"tracing": settings.telemetry, "metrics": settings.telemetry, "logs": settings.telemetry},
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        redirect_slashes=False,
        # Side by side rather than included: a router within a router is searched again on every level.
        routes=[route for router in (health.router, *routers) for route in router.routes],
    )
    app.state.services = services
    install_error_handlers(app)
    return app


def _middleware(services: Services, limit: Limit, cached: Sequence[CachedRoute]) -> Sequence[Middleware]:
    """From the outside in."""
    settings = services.settings
    proxies = TrustedProxies(settings.trusted_proxies)
    stack = [
        Middleware(EdgeMiddleware, headers=security_headers(https=settings.production)),
    ]
    if settings.cors_origins:
        stack.append(
            Middleware(
                CORSMiddleware,
                allow_origins=settings.cors_origins,
                allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
                allow_headers=["Authorization", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match"],
                expose_headers=EXPOSED,
                max_age=600,
            )
        )
    stack.append(Middleware(UnexpectedErrorMiddleware))
    if settings.production:
        stack.append(Middleware(HttpsOnlyMiddleware, proxies=proxies))
    stack.append(Middleware(BodyLimitMiddleware, limit=settings.max_body_bytes))
    stack.append(Middleware(IdentityMiddleware, tokens=services.tokens, proxies=proxies))
    if settings.rate_limit_enabled:
        stack.append(Middleware(ThrottleMiddleware, limiter=services.limiter, limit=limit))
    if cached:
        stack.append(Middleware(AnswerCacheMiddleware, cache=services.cache, routes=cached))
    return stack
