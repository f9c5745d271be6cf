"""What routes need besides the request; made once per process and handed to them."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request
from redis.asyncio import Redis

from .auth.tokens import TokenVerifier
from .cache import Cache, MemoryCache, RedisCache
from .database import Database
from .rate_limit import MemoryRateLimiter, RateLimiter
from .rate_limit_redis import RedisRateLimiter
from .redis_client import connect_redis
from .settings import Settings


@dataclass(frozen=True)
class Services:
    """The process's connections and what is built on them."""

    settings: Settings
    database: Database
    cache: Cache
    limiter: RateLimiter
    tokens: TokenVerifier
    redis: Redis | None

    @classmethod
    def of(cls, settings: Settings) -> Services:
        """As ``settings`` say; nothing is connected yet."""
        url = settings.redis_url.get_secret_value()
        redis = connect_redis(url) if url else None
        return cls(
            settings=settings,
            database=Database.of(settings),
            cache=RedisCache(redis) if redis else MemoryCache(),
            limiter=RedisRateLimiter(redis) if redis else MemoryRateLimiter(),
            tokens=TokenVerifier(
                secret=settings.jwt_secret.get_secret_value(),
                issuer=settings.jwt_issuer,
                audience=settings.jwt_audience,
            ),
            redis=redis,
        )

    async def aclose(self) -> None:
        """Give every connection back."""
        await self.cache.aclose()
        await self.database.close()
        if self.redis is not None:
            await self.redis.aclose()


def services(request: Request) -> Services:
    """The services of the application that received ``request``."""
    found: Services = request.app.state.services
    return found
